import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { apply } from '@/live/apply'
import { emptyState, eventOf } from '../support/live'

describe('apply', () => {
  it('replaces the named piece and leaves the others alone', () => {
    const before = emptyState()
    const after = apply(before, { name: 'plan', data: { open_seats: 2, physical_seats: 12 } })
    expect(after.plan.open_seats).toBe(2)
    expect(after.seats).toBe(before.seats)
    expect(before.plan.open_seats).toBe(10)
  })

  it('replaces one seat of the board', () => {
    const seat = { ...emptyState().seats['01']!, state: 'talking' as const }
    const after = apply(emptyState(), { name: 'seat', data: seat })
    expect(after.seats['01']).toEqual(seat)
    expect(Object.keys(after.seats)).toEqual(['01', '02'])
  })

  it('takes no notice of what is not part of the state: hints, notices, names of a newer server', () => {
    const state = emptyState()
    for (const name of ['ticket', 'notice', 'server_time', 'seats', '__proto__', 'something new']) {
      expect(apply(state, { name, data: { number: '01' } })).toBe(state)
    }
  })

  it('does no harm when an event comes twice', () => {
    fc.assert(
      fc.property(fc.array(eventOf, { maxLength: 40 }), (events) => {
        const once = events.reduce(apply, emptyState())
        const twice = events.flatMap((event) => [event, event]).reduce(apply, emptyState())
        expect(twice).toEqual(once)
      }),
    )
  })

  it('gives the later snapshot from the earlier one and the events between, wherever the cut is', () => {
    fc.assert(
      fc.property(fc.array(eventOf, { maxLength: 40 }), fc.nat(), (events, at) => {
        const cut = events.length === 0 ? 0 : at % events.length
        const later = events.reduce(apply, emptyState())
        const middle = structuredClone(events.slice(0, cut).reduce(apply, emptyState()))
        expect(events.slice(cut).reduce(apply, middle)).toEqual(later)
      }),
    )
  })

  it('needs only the last event of each name: nothing is computed from the old state', () => {
    fc.assert(
      fc.property(fc.array(eventOf, { maxLength: 40 }), (events) => {
        const key = (event: (typeof events)[number]) =>
          event.name === 'seat' ? `seat ${(event.data as { number: string }).number}` : event.name
        const last = new Map(events.map((event) => [key(event), event]))
        expect([...last.values()].reduce(apply, emptyState())).toEqual(events.reduce(apply, emptyState()))
      }),
    )
  })
})
