/** Places on a bar that is one day of Yingkou wide. Pure. */
import type { Span } from './types'

const DAY = 24 * 3600_000

export interface Block {
  /** Percent of the day. */
  left: number
  width: number
  span: Span
}

export const midnight = (day: string) => Date.parse(`${day}T00:00:00+08:00`)

export function place(day: string, time: string | number): number {
  const at = typeof time === 'string' ? Date.parse(time) : time
  return ((at - midnight(day)) / DAY) * 100
}

/** Return the spans of a day as blocks; neighbours with the same number for the same reason are one. */
export function blocks(day: string, spans: Span[]): Block[] {
  return spans.map((span) => {
    const left = Math.max(0, place(day, span.starts_at))
    return { left, width: Math.min(100, place(day, span.ends_at)) - left, span }
  })
}

/** Return "08:00" for 480; 24:00 for the end of the day. */
export function clock(minute: number): string {
  const two = (n: number) => String(n).padStart(2, '0')
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`
}

/** Return 480 for "08:00", null for what is no time of the day (24:00 is one). */
export function minutes(text: string): number | null {
  const [, hour, minute] = /^(\d{1,2}):(\d{2})$/.exec(text.trim()) ?? []
  if (hour === undefined || minute === undefined || Number(minute) > 59) return null
  const total = Number(hour) * 60 + Number(minute)
  return total <= 24 * 60 ? total : null
}

/** Return the moment that a wall clock in Yingkou shows as "yyyy-mm-dd hh:mm". */
export function inYingkou(text: string): string {
  return new Date(`${text.replace(' ', 'T')}:00+08:00`).toISOString()
}
