/** The server's clock as seen from here: the offset of the sample with the shortest round trip wins. Pure. */
export interface ClockSample {
  /** Server time minus browser time, milliseconds. */
  offset: number
  /** How long the question was under way; what the offset may be wrong by is half of it. */
  roundTrip: number
}

const KEEP = 12

export class ServerClock {
  private samples: ClockSample[] = []

  /** Take in a time that the server said at `serverIso`, heard at `received`, asked at `sent`. */
  add(serverIso: string, received: number, sent = received): void {
    const at = Date.parse(serverIso)
    if (Number.isNaN(at)) return
    const roundTrip = received - sent
    this.samples = [...this.samples, { offset: at - (sent + roundTrip / 2), roundTrip }].slice(-KEEP)
  }

  get offset(): number {
    // A one-way reading (round trip 0) is only better than nothing.
    const asked = this.samples.filter((sample) => sample.roundTrip > 0)
    const best = (asked.length > 0 ? asked : this.samples).reduce<ClockSample | null>(
      (least, sample) => (least === null || sample.roundTrip <= least.roundTrip ? sample : least),
      null,
    )
    return best?.offset ?? 0
  }

  get roundTrip(): number | null {
    return this.samples.findLast((sample) => sample.roundTrip > 0)?.roundTrip ?? null
  }
}
