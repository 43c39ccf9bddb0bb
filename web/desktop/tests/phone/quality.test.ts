import { describe, expect, it } from 'vitest'
import { readQuality } from '@/phone/quality'

const inbound = (packetsReceived: number, packetsLost: number, jitter = 0.004) => ({
  type: 'inbound-rtp',
  kind: 'audio',
  packetsReceived,
  packetsLost,
  bytesReceived: packetsReceived * 160,
  jitter,
})
const answered = { type: 'remote-inbound-rtp', roundTripTime: 0.042 }

describe('the quality of a call', () => {
  it('is read from the reports of the connection', () => {
    const { quality } = readQuality([inbound(500, 0), answered], { received: 400, lost: 0, bytes: 0 })
    expect(quality).toEqual({ roundTripMs: 42, lossPercent: 0, jitterMs: 4, level: 'good' })
  })

  it('counts losses since the last reading, not since the beginning', () => {
    const first = readQuality([inbound(100, 50)], null)
    expect(first.quality.lossPercent).toBeNull()
    const second = readQuality([inbound(200, 50)], first.totals)
    expect(second.quality.lossPercent).toBe(0)
    const third = readQuality([inbound(290, 60)], second.totals)
    expect(third.quality.lossPercent).toBe(10)
    expect(third.quality.level).toBe('poor')
  })

  it('takes the round trip of the path when the other side does not report', () => {
    const pair = { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.25 }
    expect(readQuality([inbound(1, 0), pair], null).quality).toMatchObject({ roundTripMs: 250, level: 'fair' })
  })

  it('is unknown without reports, and when packets stopped it says no false zero', () => {
    expect(readQuality([], null).quality.level).toBe('unknown')
    const still = readQuality([inbound(100, 0)], { received: 100, lost: 0, bytes: 0 })
    expect(still.quality.lossPercent).toBeNull()
  })

  it('is not confused by a count of losses that goes down (late packets)', () => {
    const { quality } = readQuality([inbound(200, 3)], { received: 100, lost: 5, bytes: 0 })
    expect(quality.lossPercent).toBe(0)
  })
})
