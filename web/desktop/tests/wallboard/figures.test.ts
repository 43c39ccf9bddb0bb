import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DayLoad } from '@/api/wallboard'
import { bars, ceiling, connectTone, figuresOf, inTimeTone, shown, staffTone, trend, waitTone } from '@/wallboard/figures'
import { emptyState, NOW } from '../support/live'

const now = Date.parse(NOW)

function load(): DayLoad {
  const half_hours = Array.from({ length: 48 }, () => ({ offered: 0, answered: 0 }))
  return { day: '2026-11-23', half_hours, connect_percent_before: 96 }
}

describe('the figures of the wallboard', () => {
  it('tick from the server times, whatever the order of the queue', () => {
    const state = emptyState()
    const waiting = [30, 95, 4].map((seconds, index) => ({
      call_id: `c${index}`,
      caller_masked: '139****0001',
      position: index + 1,
      joined_at: new Date(now - seconds * 1000).toISOString(),
      emergency: false,
    }))
    expect(figuresOf({ ...state, queue: { waiting } }, now).longest).toBe(95_000)
    expect(figuresOf({ ...state, queue: { waiting } }, now + 1000).longest).toBe(96_000)
    expect(figuresOf(state, now).longest).toBeNull()
  })

  it('count who is at a seat, in any state', () => {
    const state = emptyState()
    const seat = (number: string, is: 'ready' | 'not_ready' | 'free' | 'closed') => ({ ...state.seats['01']!, number, state: is })
    const seats = { '01': seat('01', 'ready'), '02': seat('02', 'not_ready'), '03': seat('03', 'free'), '04': seat('04', 'closed') }
    const found = figuresOf({ ...state, seats }, now)
    expect([found.staffed, found.open, found.byState.ready, found.byState.free]).toEqual([2, 10, 1, 1])
  })

  it('say themselves when a callback becomes overdue, without a word of the server', () => {
    const due_at = [new Date(now + 5000).toISOString(), new Date(now - 5000).toISOString()]
    const state = { ...emptyState(), callbacks: { open: 2, withheld: 0, due_at, entries: [] } }
    expect(figuresOf(state, now).overdue).toBe(1)
    expect(figuresOf(state, now + 5000).overdue).toBe(2)
  })
})

describe('a tone', () => {
  it('changes exactly at its limit', () => {
    expect([null, 59_999, 60_000, 179_999, 180_000].map(waitTone)).toEqual(['good', 'good', 'watch', 'watch', 'bad'])
    expect([null, 89.99, 90, 94.99, 95].map(connectTone)).toEqual(['none', 'bad', 'watch', 'watch', 'good'])
    expect([undefined, 59.9, 60, 80].map(inTimeTone)).toEqual(['none', 'bad', 'watch', 'good'])
    expect([staffTone(0, 1), staffTone(1, 2), staffTone(2, 2), staffTone(3, 2)]).toEqual(['bad', 'watch', 'good', 'good'])
  })
})

describe('a rate as people read it', () => {
  it('never looks better than it is', () => {
    expect([94.999, 95, 100, 0, null].map(shown)).toEqual(['94.9%', '95.0%', '100.0%', '0.0%', '—'])
    fc.assert(fc.property(fc.double({ min: 0, max: 100, noNaN: true }), (rate) => Number.parseFloat(shown(rate)) <= rate + 1e-6))
  })

  it('has a direction only when it moved', () => {
    expect([trend(97, 96), trend(90, 96), trend(96.04, 96)]).toEqual(['▲ 1.0', '▼ 6.0', ''])
    expect([trend(null, 96), trend(96, null), trend(undefined, undefined)]).toEqual(['', '', ''])
  })
})

describe('the bars of the day', () => {
  it('show the working day, and more where there were calls', () => {
    expect(bars(load()).map((bar) => bar.label)).toHaveLength(20)
    const night = load()
    night.half_hours[5] = { offered: 2, answered: 1 }
    night.half_hours[47] = { offered: 1, answered: 1 }
    const drawn = bars(night)
    expect([drawn[0]!.label, drawn.at(-1)!.label]).toEqual(['02:00', '23:30'])
    expect(bars(undefined)).toEqual([])
  })

  it('fit under the axis, which has a middle', () => {
    fc.assert(
      fc.property(fc.nat(5000), (highest) => {
        const top = ceiling(highest)
        return top >= highest && top % 2 === 0
      }),
    )
  })
})
