import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dayOf, halfHour, later, weekdayOf } from '@/office/staffing/days'
import { answeredWithin, givenUp, seatsNeeded } from '@/office/staffing/erlang'
import { cell, COLUMNS, rowName } from '@/office/staffing/figures'
import type { CallFigures, Staffing } from '@/office/staffing/types'
import { measured, needs, summary } from '@/office/staffing/whatIf'
import known from './erlang.cases.json'

interface Case {
  calls: number
  handling: number
  target: number
  patience: number
  within_percent: number
  connect_percent: number
  seats: number
  in_time: number
  given_up: number
}

// Written from seats/staffing/erlang.py; tests/seats/test_staffing_desktop.py holds the same file against it.
const cases: Case[] = known

describe('the Erlang formulas of the desktop', () => {
  it('give what the server gives', () => {
    expect(cases.length).toBeGreaterThan(100)
    for (const one of cases) {
      const load = (one.calls / 1800) * one.handling
      const goal = {
        within_percent: one.within_percent,
        target_seconds: one.target,
        connect_percent: one.connect_percent,
        patience_seconds: one.patience,
      }
      expect(seatsNeeded(one.calls, 1800, one.handling, goal)).toBe(one.seats)
      expect(answeredWithin(one.seats, load, one.handling, one.target)).toBeCloseTo(one.in_time, 9)
      expect(givenUp(one.seats, load, one.handling, one.patience)).toBeCloseTo(one.given_up, 9)
    }
  })
})

function staffing(calls: number[], planned = 2): Staffing {
  return {
    day: '2026-11-25',
    kind: 'work',
    holiday: '',
    provisional: false,
    forecast: { basis: 'same_weekday', days: 4, enough: true, storms: 0, season_factor: 1, holiday_factor: 1 },
    handling: { talk_seconds: 180, wrap_up_seconds: 60, patience_seconds: 120, calls: 500, assumed: [] },
    goal: { within_percent: 80, target_seconds: 15, connect_percent: 95 },
    half_hours: calls.map((count) => ({ start: '', calls: count, recommended: 0, planned, came: null, actual: null })),
  }
}

const day = fc.array(fc.float({ min: 0, max: 80, noNaN: true }), { minLength: 1, maxLength: 48 })

describe('what if', () => {
  it('needs no fewer seats for more calls, longer calls or a stricter promise', () => {
    fc.assert(
      fc.property(day, fc.nat(200), fc.nat(300), (calls, volume, talk) => {
        const plain = staffing(calls)
        const base = measured(plain)
        const seats = (more: object) => needs(plain, { ...base, ...more }).map((half) => half.recommended)
        const before = seats({})
        for (const worse of [{ volume }, { talk: base.talk + talk }, { within: 95 }, { target: 5 }]) {
          seats(worse).forEach((count, at) => expect(count).toBeGreaterThanOrEqual(before[at]!))
        }
      }),
      { numRuns: 30 },
    )
  })

  it('leaves the server’s answer alone and adds up hours and shortages', () => {
    const halves = needs(staffing([0, 40, 40, 0, 40]), measured(staffing([])))
    expect(halves.map((half) => half.recommended)).toEqual([1, 8, 8, 1, 8])
    expect(summary(halves)).toEqual({ calls: 120, peak: 8, recommendedHours: 13, plannedHours: 5, short: 3, reaches: 0 })
    expect(summary([]).reaches).toBeNull()
    expect(halves[1]!.reaches).toBe(0)
    expect(halves[0]!.reaches).toBe(100)
  })
})

describe('days and half hours', () => {
  it('are those of Yingkou and step over month and year', () => {
    expect(dayOf(Date.parse('2026-11-24T16:00:00Z'))).toBe('2026-11-25')
    expect(dayOf(Date.parse('2026-11-24T15:59:59Z'))).toBe('2026-11-24')
    expect(later('2026-12-31', 1)).toBe('2027-01-01')
    expect(later('2026-03-01', -1)).toBe('2026-02-28')
    expect([weekdayOf('2026-11-23'), weekdayOf('2026-11-29')]).toEqual([0, 6])
    expect([halfHour(0), halfHour(19), halfHour(47)]).toEqual(['00:00', '09:30', '23:30'])
  })
})

describe('the table of figures', () => {
  it('writes a rate of nothing as a dash and keeps two decimals', () => {
    const some = { offered: 0, connect_percent: null, within_15_percent: 84.2, mean_wait_seconds: 7 } as CallFigures
    const shown = new Map(COLUMNS.map((column) => [column.key, column]))
    expect(cell(some, shown.get('connect_percent')!)).toBe('—')
    expect(cell(some, shown.get('offered')!)).toBe('0')
    expect(cell(some, shown.get('within_15_percent')!)).toBe('84.20%')
    expect(cell(some, shown.get('mean_wait_seconds')!, (n) => `${n} s`)).toBe('7.0 s')
  })

  it('names rows by what they span', () => {
    expect(rowName('hour', '23:00', [])).toBe('23:00–24:00')
    expect(rowName('half_hour', '09:30', [])).toBe('09:30–10:00')
    expect(rowName('weekday', '7', ['一', '二', '三', '四', '五', '六', '日'])).toBe('日')
    expect(rowName('day', '2026-11-25', [])).toBe('2026-11-25')
  })
})
