/** What the wallboard says, made of the live state and the server's time: pure. */
import type { Seat, SeatState, Waiting } from '@/api/types'
import type { DayLoad } from '@/api/wallboard'
import type { LiveState } from '@/live/state'

export type Tone = 'good' | 'watch' | 'bad' | 'none'

export interface Figures {
  waiting: Waiting[]
  /** Milliseconds of the longest wait, null when nobody waits. */
  longest: number | null
  open: number
  staffed: number
  byState: Record<SeatState, number>
  overdue: number
}

const STAFFED: SeatState[] = ['not_ready', 'ready', 'ringing', 'talking', 'wrap_up']
const AT_A_SEAT = new Set<SeatState>(STAFFED)

export function figuresOf(state: LiveState, now: number): Figures {
  const seats = Object.values(state.seats)
  const joined = state.queue.waiting.map((one) => Date.parse(one.joined_at))
  return {
    waiting: state.queue.waiting,
    longest: joined.length === 0 ? null : Math.max(0, now - Math.min(...joined)),
    open: state.plan.open_seats,
    staffed: seats.filter((seat) => AT_A_SEAT.has(seat.state)).length,
    byState: count(seats),
    overdue: (state.callbacks?.due_at ?? []).filter((due) => Date.parse(due) <= now).length,
  }
}

function count(seats: Seat[]): Record<SeatState, number> {
  const found: Record<SeatState, number> = {
    free: 0,
    closed: 0,
    not_ready: 0,
    ready: 0,
    ringing: 0,
    talking: 0,
    wrap_up: 0,
  }
  for (const seat of seats) found[seat.state] += 1
  return found
}

/** The same limits as the alarms' (web/alarms/rules.py). */
export function waitTone(longest: number | null): Tone {
  if (longest === null || longest < 60_000) return 'good'
  return longest < 180_000 ? 'watch' : 'bad'
}

/** A percentage against its limits: below `bad` an alarm, below `watch` a warning. */
export function rateTone(percent: number | null | undefined, watch: number, bad: number): Tone {
  if (percent === null || percent === undefined) return 'none'
  if (percent < bad) return 'bad'
  return percent < watch ? 'watch' : 'good'
}

export const connectTone = (percent: number | null | undefined) => rateTone(percent, 95, 90)
export const inTimeTone = (percent: number | null | undefined) => rateTone(percent, 80, 60)

export function staffTone(staffed: number, open: number): Tone {
  if (staffed === 0) return 'bad'
  return staffed < open ? 'watch' : 'good'
}

/** Return 96.4% of 96.47: rounded down, so that a missed target never looks met. */
export function shown(percent: number | null | undefined): string {
  return percent === null || percent === undefined ? '—' : `${(Math.floor(percent * 10 + 1e-9) / 10).toFixed(1)}%`
}

/** The difference between two percentages in points, '' when it is nothing or not known. */
export function trend(now: number | null | undefined, before: number | null | undefined): string {
  if (now === null || now === undefined || before === null || before === undefined) return ''
  const points = now - before
  if (Math.abs(points) < 0.05) return ''
  return `${points > 0 ? '▲' : '▼'} ${Math.abs(points).toFixed(1)}`
}

export interface Bar {
  /** From midnight. */
  label: string
  offered: number
  answered: number
}

/** The half hours to draw: whole hours around those that had calls, at least 08:00 to 18:00. */
export function bars(load: DayLoad | undefined): Bar[] {
  const all = (load?.half_hours ?? []).map((one, index) => ({
    label: `${String(Math.floor(index / 2)).padStart(2, '0')}:${index % 2 ? '30' : '00'}`,
    ...one,
  }))
  const busy = all.flatMap((bar, index) => (bar.offered > 0 ? [index] : []))
  const first = Math.min(16, ...busy)
  const last = Math.max(35, ...busy)
  return all.slice(first - (first % 2), last + 2 - (last % 2))
}

/** A round number at or above the highest bar, for the axis. */
export function ceiling(highest: number): number {
  const steps = [4, 8, 12, 20, 40, 60, 80, 100, 150, 200, 300, 400, 600, 800, 1000]
  return steps.find((step) => step >= highest) ?? Math.ceil(highest / 500) * 500
}
