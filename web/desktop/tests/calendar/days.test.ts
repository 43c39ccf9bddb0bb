import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import type { Day, Due } from '@/calendar/api'
import { base64, months, steps, weekday } from '@/calendar/days'

function yearOf(year: number): Day[] {
  const days: Day[] = []
  for (let at = Date.UTC(year, 0, 1); at < Date.UTC(year + 1, 0, 1); at += 86_400_000) {
    days.push({ day: new Date(at).toISOString().slice(0, 10), kind: 'work', name: '', document: '' })
  }
  return days
}

describe('the year grid', () => {
  it('starts its weeks on Monday', () => {
    expect(weekday('2026-11-23')).toBe(1)
    expect(weekday('2026-11-29')).toBe(7)
    const february = months(yearOf(2026))[1]!
    expect(february[0]!.map((day) => day?.day ?? '')).toEqual(['', '', '', '', '', '', '2026-02-01'])
  })

  it('shows every day of any year once, under its weekday, in six weeks a month', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2016, max: 2100 }), (year) => {
        const days = yearOf(year)
        const grids = months(days)
        expect(grids.flat(2).filter((day) => day !== null)).toEqual(days)
        for (const weeks of grids) {
          expect(weeks).toHaveLength(6)
          for (const week of weeks) {
            expect(week).toHaveLength(7)
            week.forEach((day, column) => day && expect(weekday(day.day)).toBe(column + 1))
          }
        }
      }),
      { numRuns: 40 },
    )
  })
})

describe('a deadline', () => {
  it('is told day by day', () => {
    const due: Due = {
      at: '2026-09-21T16:00:00Z',
      last_day: '2026-09-21',
      provisional: false,
      counted: ['2026-09-20', '2026-09-21'],
      skipped: [{ day: '2026-09-19', kind: 'rest', name: '' }],
    }
    expect(steps(due).map((step) => [step.day, step.count])).toEqual([
      ['2026-09-19', null],
      ['2026-09-20', 1],
      ['2026-09-21', 2],
    ])
  })
})

it('files travel byte by byte', async () => {
  expect(await base64(new Blob([new Uint8Array([0, 255, 10, 200])]))).toBe('AP8KyA==')
})
