/** Looks up what is being typed: after a short rest, one request at a time, and only the newest answer is shown. */
const QUIET_MS = 350
const AT_LATEST_MS = 1200
const LEAST = 2

export class TypeAhead<Found> {
  private wanted = ''
  private running = false
  private timer: ReturnType<typeof setTimeout> | null = null
  private since: number | null = null

  constructor(
    private readonly search: (text: string) => Promise<Found>,
    /** null: nothing to look for, or the search failed. */
    private readonly show: (text: string, found: Found | null) => void,
  ) {}

  want(text: string): void {
    if (text === this.wanted) return
    this.wanted = text
    this.cancel()
    if (text.length >= LEAST) return this.plan()
    this.since = null
    this.show(text, null)
  }

  stop(): void {
    this.wanted = ''
    this.since = null
    this.cancel()
  }

  private plan(): void {
    if (this.running) return // looked at again when the answer is here
    this.since ??= Date.now()
    const wait = Math.max(0, Math.min(QUIET_MS, this.since + AT_LATEST_MS - Date.now()))
    this.timer = setTimeout(() => void this.look(), wait)
  }

  private async look(): Promise<void> {
    const text = this.wanted
    this.since = null
    this.running = true
    const found = await this.search(text).catch(() => null)
    this.running = false
    if (text === this.wanted) this.show(text, found)
    else if (this.wanted.length >= LEAST) this.plan()
  }

  private cancel(): void {
    if (this.timer !== null) clearTimeout(this.timer)
    this.timer = null
  }
}
