/** How the callback list is ordered and what stands in each line: pure. */
import type { CallbackLine } from '@/api/wallboard'

export type Standing = 'open' | 'mine' | 'claimed' | 'calling' | 'rests' | 'spent'

export function standingOf(row: CallbackLine, me: number, now: number): Standing {
  if (row.state === 'open') return rests(row, now) ? 'rests' : 'open'
  if (row.state === 'claimed') return row.claimed_by === me ? 'mine' : 'claimed'
  return row.state
}

export const mayClaim = (row: CallbackLine, now: number) => row.state === 'open' && !rests(row, now)

/** My own first, then as the server has them: the longest waiting first. */
export function order(rows: readonly CallbackLine[], me: number): CallbackLine[] {
  const own = (row: CallbackLine) => Number(row.claimed_by !== me)
  return [...rows].sort((a, b) => own(a) - own(b))
}

const rests = (row: CallbackLine, now: number) => row.not_before !== null && Date.parse(row.not_before) > now
