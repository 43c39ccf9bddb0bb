import { describe, expect, it } from 'vitest'
import type { Seat, SeatState } from '@/api/types'
import { actionsAt } from '@/floor/actions'
import { unplanned } from '../support/live'

const seat = (state: SeatState, agent_name = '林小雨'): Seat => ({
  number: '03',
  state,
  agent_name,
  reason: '',
  since: null,
  reachable: true,
  caller_masked: '',
  ...unplanned,
})

describe('the menu at a seat', () => {
  it('offers nothing where nobody works', () => {
    expect(actionsAt(seat('free', ''), false, null)).toEqual([])
  })

  it('offers to listen only where somebody talks', () => {
    for (const state of ['not_ready', 'ready', 'ringing', 'wrap_up'] as const) {
      expect(actionsAt(seat(state), false, null)).not.toContain('listen')
    }
    expect(actionsAt(seat('talking'), false, null).slice(0, 3)).toEqual(['listen', 'whisper', 'barge'])
  })

  it('offers to take over only who is heard already, and the other modes', () => {
    expect(actionsAt(seat('talking'), false, null)).not.toContain('take_over')
    expect(actionsAt(seat('talking'), false, 'listen').slice(0, 3)).toEqual(['whisper', 'barge', 'take_over'])
  })

  it('does not let a shift leader listen to himself', () => {
    expect(actionsAt(seat('talking'), true, null)).toEqual(['not_ready', 'signed_out'])
  })

  it('ends a wrap-up only where there is one', () => {
    expect(actionsAt(seat('wrap_up'), false, null)).toEqual(['not_ready', 'ready', 'signed_out'])
    expect(actionsAt(seat('not_ready'), false, null)).toEqual(['signed_out'])
  })
})
