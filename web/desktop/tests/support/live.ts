import fc from 'fast-check'
import type { NamedEvent } from '@/live/apply'
import type { Plan } from '@/api/types'
import type { LiveState } from '@/live/state'

export const unplanned = { leaves_at: null, stays: false, held: false, notice: 0 }

export const NOW = '2026-11-23T02:00:00Z'

export function emptyPlan(): Plan {
  const quiet = { why: 'default' as const, reason: '', author: '', until: null, next: null, drain: [] }
  return { open_seats: 10, physical_seats: 12, ...quiet }
}

export function emptyState(): LiveState {
  const free = {
    state: 'free' as const, agent_name: '', reason: '', since: null, reachable: false, caller_masked: '', ...unplanned,
  }
  return {
    server_time: NOW,
    switch: { up: true },
    session: null,
    call: null,
    pop: null,
    seats: { '01': { number: '01', ...free }, '02': { number: '02', ...free } },
    plan: emptyPlan(),
    queue: { waiting: [] },
    figures: null,
    monitor: null,
    surge: null,
  }
}

const text = fc.string({ maxLength: 6 })
const agentState = fc.constantFrom('not_ready', 'ready', 'ringing', 'talking', 'wrap_up')

const session = fc.option(
  fc.record({
    seat: fc.constantFrom('01', '02'),
    endpoint: fc.constant('seat01'),
    state: agentState,
    reason: text,
    since: fc.constant(NOW),
    deadline: fc.constantFrom(null, NOW),
    extended: fc.boolean(),
    call_id: fc.option(text),
    device_reachable: fc.boolean(),
    pause_wished: fc.constantFrom('', 'rest'),
  }),
)
const call = fc.option(
  fc.record({ call_id: text, state: fc.constantFrom('ringing', 'talking', 'held', 'ended'), ticket_id: fc.option(fc.nat()) }),
)
const seat = fc.record({
  number: fc.constantFrom('01', '02', '03'),
  state: agentState,
  agent_name: text,
  reason: text,
  since: fc.constant(NOW),
  reachable: fc.boolean(),
})

/** Any event of the protocol, and some that are not part of the state. */
export const eventOf: fc.Arbitrary<NamedEvent> = fc.oneof(
  fc.record({ name: fc.constant('session'), data: session }),
  fc.record({ name: fc.constant('call'), data: call }),
  fc.record({ name: fc.constant('pop'), data: fc.option(fc.record({ pop_id: text })) }),
  fc.record({ name: fc.constant('seat'), data: seat }),
  fc.record({ name: fc.constant('switch'), data: fc.record({ up: fc.boolean() }) }),
  fc.record({ name: fc.constant('plan'), data: fc.record({ open_seats: fc.nat(), physical_seats: fc.nat() }) }),
  fc.record({ name: fc.constant('queue'), data: fc.record({ waiting: fc.array(fc.record({ call_id: text })) }) }),
  fc.record({ name: fc.constant('figures'), data: fc.record({ alarm: fc.boolean() }) }),
  fc.record({ name: fc.constant('alarms'), data: fc.record({ standing: fc.array(fc.record({ code: text })) }) }),
  fc.record({ name: fc.constant('callbacks'), data: fc.record({ open: fc.nat() }) }),
  fc.record({ name: fc.constant('load'), data: fc.record({ offered: fc.nat() }) }),
  fc.record({ name: fc.constant('monitor'), data: fc.option(fc.record({ id: text, mode: text })) }),
  fc.record({ name: fc.constant('surge'), data: fc.option(fc.record({ text })) }),
  fc.record({ name: fc.constant('ticket'), data: fc.record({ ticket_id: fc.nat() }) }),
  fc.record({ name: fc.constant('notice'), data: fc.record({ zh: text }) }),
)
