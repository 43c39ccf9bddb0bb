import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cellAt, clock, dayAfter, indexOf, keyOf, monthAfter, moved, shiftOfKey, weekday } from '@/roster/grid'
import type { Month, Shift } from '@/roster/types'

const shift = (code: string, starts: number, ends: number): Shift => ({
  code, zh: code, en: code, mark: code[0]!, starts, ends, seats_work: 2, seats_off: 2, break_minutes: 0, night: code === 'night',
})
const SHIFTS = [shift('night', 0, 480), shift('day', 480, 1050), shift('evening', 1050, 1440)]
const MONTH = {
  month: '2026-11',
  shifts: SHIFTS,
  days: ['2026-11-01', '2026-11-02', '2026-11-03'].map((day) => ({ day, kind: 'work', name: '', provisional: false })),
  people: [],
  cells: [{ person: 1, day: '2026-11-02', shift: 'day', fixed: true, note: 'x' }],
  slots: [{ day: '2026-11-02', shift: 'day', need: 10, have: 1 }],
  conflicts: [{ code: 'ABSENT', day: '2026-11-02', zh: '', en: '', people: [1, 2], shift: 'day', soft: false }],
  absences: [
    { id: 1, person: 1, name: '', kind: 'leave', first: '2026-10-30', last: '2026-11-02', note: '', result: '', state: 'approved' },
    { id: 2, person: 2, name: '', kind: 'leave', first: '2026-11-01', last: '2026-11-03', note: '', result: '', state: 'asked' },
  ],
} as unknown as Month

describe('the grid', () => {
  it('finds what stands in a cell, and an empty one where nothing does', () => {
    const index = indexOf(MONTH)
    expect(cellAt(index, 1, '2026-11-02')).toMatchObject({ shift: 'day', fixed: true, note: 'x' })
    expect(cellAt(index, 2, '2026-11-02')).toEqual({ person: 2, day: '2026-11-02', shift: '', fixed: false, note: '' })
    expect(index.slots.get(keyOf('day', '2026-11-02'))).toMatchObject({ need: 10, have: 1 })
  })

  it('shows absences that are granted, only on the days of the month', () => {
    expect([...indexOf(MONTH).absences.keys()]).toEqual(['1/2026-11-01', '1/2026-11-02'])
  })

  it('marks a conflict with everybody whom it names', () => {
    expect([...indexOf(MONTH).wrong.keys()]).toEqual(['1/2026-11-02', '2/2026-11-02'])
  })

  it('moves by keys and never leaves the month', () => {
    const keys = fc.constantFrom('ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'Home', 'End')
    fc.assert(
      fc.property(fc.array(keys), (pressed) => {
        const end = pressed.reduce((place, key) => moved(place, key, 15, 31)!, { row: 3, column: 3 })
        expect(end.row).toBeGreaterThanOrEqual(0)
        expect(end.row).toBeLessThan(15)
        expect(end.column).toBeGreaterThanOrEqual(0)
        expect(end.column).toBeLessThan(31)
      }),
    )
    expect(moved({ row: 3, column: 3 }, 'x', 15, 31)).toBeNull()
  })

  it('takes digits for shifts by their order, and clears by 0, Backspace and Delete', () => {
    expect(['1', '2', '3'].map((key) => shiftOfKey(key, SHIFTS))).toEqual(['night', 'day', 'evening'])
    expect(['0', 'Backspace', 'Delete'].map((key) => shiftOfKey(key, SHIFTS))).toEqual(['', '', ''])
    expect(['4', 'a', 'Enter'].map((key) => shiftOfKey(key, SHIFTS))).toEqual([null, null, null])
  })
})

describe('days and months', () => {
  it('go over the turn of the year', () => {
    expect([monthAfter('2026-12', 1), monthAfter('2026-01', -1), monthAfter('2026-11', 14)]).toEqual(['2027-01', '2025-12', '2028-01'])
    expect(dayAfter('2026-12-31', 1)).toBe('2027-01-01')
  })

  it('steps of months add up', () => {
    const step = fc.integer({ min: -500, max: 500 })
    fc.assert(fc.property(step, step, (a, b) => monthAfter(monthAfter('2026-11', a), b) === monthAfter('2026-11', a + b)))
  })

  it('know the day of the week wherever the browser is', () => {
    expect(weekday('2026-11-23')).toBe(1)
    expect(weekday('2026-11-29')).toBe(0)
  })

  it('show midnight at the end of a shift as 24:00 and what is later as the clock of the next day', () => {
    expect([clock(0), clock(1050), clock(1440), clock(1860)]).toEqual(['00:00', '17:30', '24:00', '07:00'])
  })
})
