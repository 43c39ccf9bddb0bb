/** Days of Yingkou as yyyy-MM-dd, whatever the browser's own zone is. Pure. */

const DAY_MS = 86_400_000
const FORMAT = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' })

export const dayOf = (now: number): string => FORMAT.format(now)

/** The day `days` later; its midnight in UTC only serves to count. */
export function later(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)
}

/** 0 for Monday to 6 for Sunday. */
export const weekdayOf = (day: string): number => (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7

/** HH:mm of the n-th half hour of a day. */
export function halfHour(at: number): string {
  return `${String(Math.floor(at / 2)).padStart(2, '0')}:${at % 2 === 0 ? '00' : '30'}`
}
