/** How many seats a load of calls needs: the same formulas as `seats/staffing/erlang.py`, compared by a test. Pure. */

const MOST_SEATS = 1000

export interface Goal {
  within_percent: number
  target_seconds: number
  connect_percent: number
  /** How long callers wait on average before they give up. */
  patience_seconds: number
}

/** Erlang B: the share of the time in which all seats talk if nobody could wait. */
export function blocked(seats: number, load: number): number {
  let share = 1
  for (let seat = 1; seat <= seats; seat++) share = (load * share) / (seat + load * share)
  return share
}

/** Erlang C: the share answered within `target` seconds, if nobody gives up. */
export function answeredWithin(seats: number, load: number, handling: number, target: number): number {
  if (load >= seats) return 0
  const share = blocked(seats, load)
  const mustWait = share / (1 - (load / seats) * (1 - share))
  return 1 - mustWait * Math.exp((-(seats - load) * target) / handling)
}

/** Erlang A: the share of callers who give up. */
export function givenUp(seats: number, load: number, handling: number, patience: number): number {
  const leaving = handling / patience
  let [weight, waiting, lost] = [1, 0, 0]
  for (let line = 1; weight > 1e-12 * (1 + waiting) || line <= load; line++) {
    const out = seats + line * leaving
    lost += (weight * line * leaving) / out
    weight *= load / out
    waiting += weight
  }
  const share = blocked(seats, load)
  return (share * lost) / (1 + share * waiting)
}

/** The fewest seats with which `calls` in a period of `period` seconds reach the goal; at least one. */
export function seatsNeeded(calls: number, period: number, handling: number, goal: Goal): number {
  const load = (calls / period) * handling
  let seats = Math.max(1, Math.floor(load))
  while (seats < MOST_SEATS && !reached(seats, load, handling, goal)) seats++
  return seats
}

function reached(seats: number, load: number, handling: number, goal: Goal): boolean {
  if (100 * answeredWithin(seats, load, handling, goal.target_seconds) < goal.within_percent) return false
  return 100 * (1 - givenUp(seats, load, handling, goal.patience_seconds)) >= goal.connect_percent
}
