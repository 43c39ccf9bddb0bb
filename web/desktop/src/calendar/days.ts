/** Dates as the calendar draws them: plain yyyy-MM-dd texts, no time zone in between. */
import type { Day, Due, Kind } from './api'

/** Return 1 (Monday) to 7 (Sunday). */
export function weekday(day: string): number {
  return ((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7) + 1
}

/** Return the twelve months of a year, each a list of weeks from Monday to Sunday; null stands for no day. */
export function months(days: Day[]): (Day | null)[][][] {
  const found: Day[][] = Array.from({ length: 12 }, () => [])
  for (const day of days) found[Number(day.day.slice(5, 7)) - 1]?.push(day)
  return found.map(weeks)
}

function weeks(month: Day[]): (Day | null)[][] {
  const blank = month[0] ? weekday(month[0].day) - 1 : 0
  const cells: (Day | null)[] = [...Array<null>(blank).fill(null), ...month]
  // Six weeks in every month: the rows of neighbours stand side by side.
  while (cells.length < 42) cells.push(null)
  return Array.from({ length: 6 }, (_, week) => cells.slice(week * 7, week * 7 + 7))
}

export const isWorked = (kind: Kind) => kind === 'work' || kind === 'makeup'

export interface Step {
  day: string
  /** 1 for the first day counted, null for a day that was skipped. */
  count: number | null
  kind: Kind | null
  name: string
}

/** Return the days of a deadline in their order, counted and skipped ones. */
export function steps(due: Due): Step[] {
  const counted: Step[] = due.counted.map((day, at) => ({ day, count: at + 1, kind: null, name: '' }))
  const skipped: Step[] = due.skipped.map((skip) => ({ ...skip, count: null }))
  return [...counted, ...skipped].sort((a, b) => a.day.localeCompare(b.day))
}

/** Return the bytes of a file in base64. */
export async function base64(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}
