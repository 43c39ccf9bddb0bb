/** Reads the quality of a call from the reports of RTCPeerConnection.getStats. The reading is pure. */

export interface Quality {
  roundTripMs: number | null
  /** Share of packets lost since the last reading, percent. */
  lossPercent: number | null
  jitterMs: number | null
  level: 'good' | 'fair' | 'poor' | 'unknown'
}

export interface Totals {
  received: number
  lost: number
  bytes: number
}

interface Report {
  type: string
  kind?: string
  packetsLost?: number
  packetsReceived?: number
  bytesReceived?: number
  jitter?: number
  roundTripTime?: number
  currentRoundTripTime?: number
  nominated?: boolean
}

export const UNKNOWN: Quality = { roundTripMs: null, lossPercent: null, jitterMs: null, level: 'unknown' }

/** Return the quality since `before`, and the totals to compare the next reading with. */
export function readQuality(reports: Iterable<Report>, before: Totals | null): { quality: Quality; totals: Totals } {
  let totals: Totals = { received: 0, lost: 0, bytes: 0 }
  let jitter: number | null = null
  let roundTrip: number | null = null
  for (const report of reports) {
    if (report.type === 'inbound-rtp' && report.kind === 'audio') {
      totals = {
        received: report.packetsReceived ?? 0,
        lost: Math.max(0, report.packetsLost ?? 0),
        bytes: report.bytesReceived ?? 0,
      }
      jitter = report.jitter ?? null
    } else if (report.type === 'remote-inbound-rtp' && report.roundTripTime !== undefined) {
      roundTrip = report.roundTripTime
    } else if (report.type === 'candidate-pair' && report.nominated && report.currentRoundTripTime !== undefined) {
      roundTrip ??= report.currentRoundTripTime
    }
  }
  const loss = lossSince(before, totals)
  const quality = { roundTripMs: milliseconds(roundTrip), lossPercent: loss, jitterMs: milliseconds(jitter) }
  return { quality: { ...quality, level: judge(quality) }, totals }
}

/** Limits after ITU-T G.107 practice for narrow-band speech: what an ear notices, and what breaks words. */
function judge(quality: Omit<Quality, 'level'>): Quality['level'] {
  const { roundTripMs, lossPercent, jitterMs } = quality
  if (roundTripMs === null && lossPercent === null && jitterMs === null) return 'unknown'
  const [trip, loss, jitter] = [roundTripMs ?? 0, lossPercent ?? 0, jitterMs ?? 0]
  if (loss > 5 || trip > 400 || jitter > 60) return 'poor'
  if (loss > 1 || trip > 200 || jitter > 30) return 'fair'
  return 'good'
}

function lossSince(before: Totals | null, totals: Totals): number | null {
  if (before === null) return null
  const lost = Math.max(0, totals.lost - before.lost)
  const expected = lost + Math.max(0, totals.received - before.received)
  return expected === 0 ? null : (100 * lost) / expected
}

const milliseconds = (seconds: number | null) => (seconds === null ? null : Math.round(seconds * 1000))
