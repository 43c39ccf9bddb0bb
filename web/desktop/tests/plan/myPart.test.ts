import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AgentState, Plan, Seat } from '@/api/types'
import { myPart } from '@/plan/myPart'
import { emptyPlan, emptyState, NOW } from '../support/live'

const now = Date.parse(NOW)
const inMinutes = (n: number) => new Date(now + n * 60_000).toISOString()
const next = (minutes: number, open_seats: number) => ({ at: inMinutes(minutes), open_seats, reason: '', author: '' })
const plan = (changes: Partial<Plan> = {}): Plan => ({ ...emptyPlan(), ...changes })
const seat = (changes: Partial<Seat> = {}): Seat => ({ ...emptyState().seats['01']!, ...changes })

describe('what the plan means for me', () => {
  it('is quiet long before a change, and says what comes', () => {
    const part = myPart(plan({ next: next(60, 2) }), seat(), 'ready', now)
    expect(part).toEqual({ kind: 'quiet', open: 10, at: inMinutes(60), next: 2 })
  })

  it('says who stays in the last ten minutes', () => {
    expect(myPart(plan({ next: next(10, 2) }), seat(), 'ready', now).kind).toBe('stay')
    expect(myPart(plan({ next: next(10, 12) }), seat(), 'ready', now).kind).toBe('more')
  })

  it.each<[AgentState, boolean]>([['talking', true], ['ringing', true], ['wrap_up', true], ['ready', false], ['not_ready', false]])(
    'says to one who is %s that he leaves, after the call: %s',
    (state, inCall) => {
      const mine = seat({ leaves_at: inMinutes(5) })
      const part = myPart(plan({ next: next(5, 2) }), mine, state, now)
      expect(part).toEqual({ kind: 'leave-then', at: inMinutes(5), next: 2, inCall })
    },
  )

  it('says that it is time, and when he is kept for want of another', () => {
    const mine = seat({ leaves_at: inMinutes(0), held: true })
    expect(myPart(plan({ open_seats: 2 }), mine, 'ready', now)).toEqual({
      kind: 'leave-now', open: 2, state: 'ready', held: true,
    })
  })

  it('never tells somebody who does not leave that he does, nor the other way round', () => {
    fc.assert(
      fc.property(fc.option(fc.integer({ min: -30, max: 30 })), fc.option(fc.integer({ min: 0, max: 90 })), fc.nat(12), (leaves, change, count) => {
        const mine = seat({ leaves_at: leaves === null ? null : inMinutes(leaves) })
        const part = myPart(plan({ next: change === null ? null : next(change, count) }), mine, 'ready', now)
        expect(part.kind.startsWith('leave')).toBe(leaves !== null)
      }),
    )
  })
})
