/** What the seat plan means for one operator now. Pure: the page only turns it into words. */
import type { AgentState, Plan, Seat } from '@/api/types'

/** From when on the next change is spoken of; the server tells those affected at the same time. */
const SOON = 10 * 60_000

export type MyPart =
  | { kind: 'quiet'; open: number; at: string | null; next: number | null }
  | { kind: 'stay' | 'more'; at: string; next: number }
  | { kind: 'leave-then'; at: string; next: number; inCall: boolean }
  | { kind: 'leave-now'; open: number; state: AgentState; held: boolean }

/** `seat` is the own place on the board, null for somebody without one; `now` in server milliseconds. */
export function myPart(plan: Plan, seat: Seat | null, state: AgentState | null, now: number): MyPart {
  const next = plan.next
  if (seat?.leaves_at) {
    if (Date.parse(seat.leaves_at) <= now || next === null) {
      return { kind: 'leave-now', open: plan.open_seats, state: state ?? 'not_ready', held: seat.held }
    }
    return {
      kind: 'leave-then',
      at: next.at,
      next: next.open_seats,
      inCall: state === 'talking' || state === 'ringing' || state === 'wrap_up',
    }
  }
  if (next !== null && Date.parse(next.at) - now <= SOON) {
    return { kind: next.open_seats < plan.open_seats ? 'stay' : 'more', at: next.at, next: next.open_seats }
  }
  return { kind: 'quiet', open: plan.open_seats, at: next?.at ?? null, next: next?.open_seats ?? null }
}
