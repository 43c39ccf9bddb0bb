/** Keeps one WebSocket to /live: snapshot, numbered events, resume, heartbeat, backoff. Knows nothing of Vue. */
import { backoff } from './backoff'
import { address, parse, place, type Position } from './frames'
import { CLOSE, type EventFrame, type LiveState, type ServerFrame } from './state'

export type LinkStatus = 'connecting' | 'online' | 'offline' | 'replaced' | 'signed_out' | 'closed'

export interface LiveListener {
  status(status: LinkStatus): void
  snapshot(state: LiveState): void
  event(frame: EventFrame): void
  serverTime(iso: string, received: number, sent?: number): void
}

export interface LiveOptions {
  url: string
  listener: LiveListener
  open?: (url: string) => WebSocket
  now?: () => number
  random?: () => number
}

const PING_EVERY = 10_000
const SILENT_AFTER = 25_000
const CONNECT_WITHIN = 10_000

export class LiveConnection {
  private socket: WebSocket | null = null
  private position: Position | null = null
  private attempt = 0
  private retryAt: number | null = null
  private heardAt = 0
  private pingedAt = 0
  private status: LinkStatus = 'closed'
  private readonly open: (url: string) => WebSocket
  private readonly now: () => number

  constructor(private readonly options: LiveOptions) {
    this.open = options.open ?? ((url) => new WebSocket(url))
    this.now = options.now ?? Date.now
  }

  start(): void {
    if (this.socket === null && this.retryAt === null) this.connect()
  }

  /** Close for good; `start` begins anew with a snapshot. */
  stop(): void {
    this.drop()
    this.position = null
    this.retryAt = null
    this.attempt = 0
    this.become('closed')
  }

  /** The network may be back: do not wait for the next attempt. */
  hurry(): void {
    if (this.retryAt !== null) this.connect()
  }

  /** The beat of the ticker: pings, notices silence, starts the next attempt. */
  tick(): void {
    const now = this.now()
    if (this.retryAt !== null) {
      if (now >= this.retryAt) this.connect()
      return
    }
    if (this.socket === null) return
    const limit = this.status === 'online' ? SILENT_AFTER : CONNECT_WITHIN
    if (now - this.heardAt > limit) return this.lost()
    if (this.status === 'online' && now - this.pingedAt >= PING_EVERY) this.ping()
  }

  ping(): void {
    this.pingedAt = this.now()
    this.send({ type: 'ping' })
  }

  ack(popId: string): boolean {
    return this.send({ type: 'ack', pop_id: popId })
  }

  private connect(): void {
    this.retryAt = null
    this.heardAt = this.now()
    if (this.status !== 'offline') this.become('connecting')
    const socket = this.open(address(this.options.url, this.position))
    this.socket = socket
    socket.onopen = () => this.opened(socket)
    socket.onmessage = (message) => this.heard(socket, message.data)
    socket.onclose = (close) => this.closed(socket, close.code)
  }

  private opened(socket: WebSocket): void {
    if (socket !== this.socket) return
    this.heardAt = this.now()
    // A resumed stream may have nothing new to send: the open socket itself says that we are in step.
    if (this.position !== null) this.inStep()
    this.ping()
  }

  private heard(socket: WebSocket, text: unknown): void {
    if (socket !== this.socket) return
    this.heardAt = this.now()
    const frame = parse(text)
    if (frame !== null) this.read(frame)
  }

  private read(frame: ServerFrame): void {
    const { listener } = this.options
    if (frame.type === 'pong') return listener.serverTime(frame.at, this.heardAt, this.pingedAt)
    if (frame.type === 'error') return
    const reading = place(this.position, frame)
    if (reading.kind === 'repeated') return
    if (reading.kind === 'gap') return this.startOver()
    this.position = reading.position
    if (reading.kind === 'snapshot') {
      listener.serverTime(reading.frame.state.server_time, this.heardAt)
      listener.snapshot(reading.frame.state)
      this.inStep()
    } else {
      listener.event(reading.frame)
    }
  }

  private inStep(): void {
    this.attempt = 0
    this.become('online')
  }

  /** Something is missing in what we have: ask for a snapshot, at once. */
  private startOver(): void {
    this.position = null
    this.drop()
    this.connect()
  }

  private closed(socket: WebSocket, code: number): void {
    if (socket !== this.socket) return
    this.socket = null
    if (code === CLOSE.signedOut) return this.end('signed_out')
    if (code === CLOSE.replaced) return this.end('replaced')
    this.retryLater()
  }

  private lost(): void {
    this.drop()
    this.retryLater()
  }

  private retryLater(): void {
    this.retryAt = this.now() + backoff(this.attempt++, this.options.random)
    this.become('offline')
  }

  private end(status: LinkStatus): void {
    this.position = null
    this.become(status)
  }

  private drop(): void {
    const socket = this.socket
    this.socket = null
    socket?.close()
  }

  private send(frame: object): boolean {
    if (this.socket?.readyState !== 1) return false
    this.socket.send(JSON.stringify(frame))
    return true
  }

  private become(status: LinkStatus): void {
    if (status === this.status) return
    this.status = status
    this.options.listener.status(status)
  }
}
