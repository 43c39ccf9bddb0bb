import { describe, expect, it } from 'vitest'
import { ServerClock } from '@/live/clock'

const at = (milliseconds: number) => new Date(milliseconds).toISOString()

describe('the clock of the server', () => {
  it('is right at once from a snapshot, and better from an answered ping', () => {
    const clock = new ServerClock()
    clock.add(at(5000), 1000)
    expect(clock.offset).toBe(4000)
    clock.add(at(5600), 1700, 1500)
    expect(clock.offset).toBe(4000)
    expect(clock.roundTrip).toBe(200)
  })

  it('prefers the reading with the shortest round trip', () => {
    const clock = new ServerClock()
    clock.add(at(9000), 4000, 1000)
    clock.add(at(5050), 2100, 2000)
    expect(clock.offset).toBe(3000)
  })

  it('ignores what is not a time', () => {
    const clock = new ServerClock()
    clock.add('soon', 1000)
    expect(clock.offset).toBe(0)
    expect(clock.roundTrip).toBeNull()
  })
})
