/** A WebSocket that a test holds by both ends. */
export class FakeSocket {
  readyState = 0
  sent: Record<string, unknown>[] = []
  onopen: (() => void) | null = null
  onmessage: ((message: { data: unknown }) => void) | null = null
  onclose: ((close: { code: number }) => void) | null = null

  constructor(readonly url: string) {}

  get query(): URLSearchParams {
    return new URL(this.url, 'ws://desk').searchParams
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>)
  }

  close(): void {
    this.readyState = 3
  }

  /** The other end accepts. */
  accept(): void {
    this.readyState = 1
    this.onopen?.()
  }

  /** The other end sends a frame. */
  say(frame: object | string): void {
    this.onmessage?.({ data: typeof frame === 'string' ? frame : JSON.stringify(frame) })
  }

  /** The other end closes, or the network does (1006). */
  drop(code = 1006): void {
    this.readyState = 3
    this.onclose?.({ code })
  }
}
