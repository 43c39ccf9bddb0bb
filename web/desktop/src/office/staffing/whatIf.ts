/** What a day would need if more people called, calls took longer, or more was promised. Pure. */
import type { Staffing, StaffingHalfHour } from './types'
import { answeredWithin, seatsNeeded } from './erlang'

export interface Assumptions {
  /** Percent more (or fewer) calls than expected. */
  volume: number
  talk: number
  wrapUp: number
  target: number
  within: number
}

export interface Need extends StaffingHalfHour {
  /** Expected share answered in time with the planned seats, in percent. */
  reaches: number
}

const PERIOD = 1800

/** The assumptions from which the server's own recommendation was made. */
export function measured(staffing: Staffing): Assumptions {
  return {
    volume: 0,
    talk: staffing.handling.talk_seconds,
    wrapUp: staffing.handling.wrap_up_seconds,
    target: staffing.goal.target_seconds,
    within: staffing.goal.within_percent,
  }
}

export function needs(staffing: Staffing, assumed: Assumptions): Need[] {
  const handling = assumed.talk + assumed.wrapUp
  const goal = {
    within_percent: assumed.within,
    target_seconds: assumed.target,
    connect_percent: staffing.goal.connect_percent,
    patience_seconds: staffing.handling.patience_seconds,
  }
  return staffing.half_hours.map((half) => {
    const calls = half.calls * (1 + assumed.volume / 100)
    const load = (calls / PERIOD) * handling
    return {
      ...half,
      calls,
      recommended: seatsNeeded(calls, PERIOD, handling, goal),
      reaches: 100 * answeredWithin(half.planned, load, handling, assumed.target),
    }
  })
}

export interface Summary {
  calls: number
  peak: number
  /** Hours of work at seats. */
  recommendedHours: number
  plannedHours: number
  /** Half hours in which fewer seats are planned than recommended. */
  short: number
  /** Expected share answered in time with the planned seats, in percent; null if nobody is expected. */
  reaches: number | null
}

export function summary(halves: readonly Need[]): Summary {
  const sum = (of: (half: Need) => number) => halves.reduce((all, half) => all + of(half), 0)
  const calls = sum((half) => half.calls)
  return {
    calls: Math.round(calls),
    peak: Math.max(0, ...halves.map((half) => half.recommended)),
    recommendedHours: sum((half) => half.recommended) / 2,
    plannedHours: sum((half) => half.planned) / 2,
    short: halves.filter((half) => half.planned < half.recommended).length,
    reaches: calls > 0 ? sum((half) => half.calls * half.reaches) / calls : null,
  }
}
