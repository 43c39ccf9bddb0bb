import { describe, expect, it } from 'vitest'
import type { CallbackLine } from '@/api/wallboard'
import { mayClaim, order, standingOf } from '@/office/callbacks'

const NOW = Date.parse('2026-11-23T02:00:00Z')
const line = (change: Partial<CallbackLine> = {}): CallbackLine => ({
  id: 1,
  state: 'open',
  number_masked: '139****0001',
  promised: false,
  times: 1,
  first_at: '2026-11-23T01:00:00Z',
  last_at: '2026-11-23T01:00:00Z',
  claimed_by: null,
  claimed_name: '',
  claimed_at: null,
  attempts: 0,
  most_attempts: 3,
  last_attempt_at: null,
  not_before: null,
  overdue_at: '2026-11-23T02:00:00Z',
  ...change,
})

describe('a line of the callback list', () => {
  it('says whose it is', () => {
    const claimed = line({ state: 'claimed', claimed_by: 7 })
    expect([standingOf(claimed, 7, NOW), standingOf(claimed, 8, NOW)]).toEqual(['mine', 'claimed'])
    expect(standingOf(line({ state: 'spent' }), 7, NOW)).toBe('spent')
  })

  it('rests after an attempt and may be claimed on the second when the rest is over', () => {
    const resting = line({ not_before: '2026-11-23T02:10:00Z' })
    expect([standingOf(resting, 7, NOW), mayClaim(resting, NOW)]).toEqual(['rests', false])
    const later = NOW + 10 * 60_000
    expect([standingOf(resting, 7, later), mayClaim(resting, later)]).toEqual(['open', true])
  })

  it('stands first when it is mine, otherwise where the server has it', () => {
    const rows = [line({ id: 1 }), line({ id: 2, state: 'claimed', claimed_by: 8 }), line({ id: 3, state: 'claimed', claimed_by: 7 })]
    expect(order(rows, 7).map((row) => row.id)).toEqual([3, 1, 2])
    expect(rows.map((row) => row.id)).toEqual([1, 2, 3])
  })
})
