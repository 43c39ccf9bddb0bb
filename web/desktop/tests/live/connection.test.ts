import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { apply, type NamedEvent } from '@/live/apply'
import { LiveConnection, type LinkStatus } from '@/live/connection'
import type { LiveState } from '@/live/state'
import { emptyState, eventOf, NOW } from '../support/live'
import { FakeSocket } from '../support/socket'

let now = 0
let sockets: FakeSocket[] = []
let statuses: LinkStatus[] = []
let state: LiveState | null = null
let connection: LiveConnection

const socket = () => sockets.at(-1)!
const snapshot = (seq = 0, stream = 's1') => ({ type: 'snapshot', stream, seq, state: emptyState() })
const event = (seq: number, open_seats = seq) => ({
  type: 'event',
  seq,
  name: 'plan',
  data: { open_seats, physical_seats: 12 },
  at: NOW,
})

function wait(milliseconds: number): void {
  const end = now + milliseconds
  while (now < end) {
    now = Math.min(end, now + 500)
    connection.tick()
  }
}

beforeEach(() => {
  now = 1_000_000
  sockets = []
  statuses = []
  state = null
  connection = new LiveConnection({
    url: 'ws://desk/live',
    now: () => now,
    random: () => 1,
    open(url) {
      sockets.push(new FakeSocket(url))
      return socket() as unknown as WebSocket
    },
    listener: {
      status: (status) => statuses.push(status),
      snapshot: (next) => (state = next),
      event: (frame) => (state = apply(state!, frame)),
      serverTime: () => undefined,
    },
  })
  connection.start()
})

describe('the live connection', () => {
  it('asks for a snapshot first, and is online when it has one', () => {
    expect(socket().query.get('stream')).toBeNull()
    socket().accept()
    expect(statuses.at(-1)).toBe('connecting')
    socket().say(snapshot())
    expect(statuses.at(-1)).toBe('online')
    expect(state?.plan.open_seats).toBe(10)
  })

  it('takes events in order and ignores one that comes again', () => {
    socket().accept()
    socket().say(snapshot(4))
    socket().say(event(5, 7))
    socket().say(event(5, 3))
    socket().say(event(4, 3))
    expect(state?.plan.open_seats).toBe(7)
    expect(sockets).toHaveLength(1)
  })

  it('resumes after the last event when the network comes back', () => {
    socket().accept()
    socket().say(snapshot(0, 'stream/1'))
    socket().say(event(1))
    socket().drop()
    expect(statuses.at(-1)).toBe('offline')
    wait(1000)
    expect(socket().query.get('stream')).toBe('stream/1')
    expect(socket().query.get('after')).toBe('1')
    socket().accept()
    expect(statuses.at(-1)).toBe('online')
    socket().say(event(2))
    expect(state?.plan.open_seats).toBe(2)
  })

  it('reconnects at once without a position when an event is missing', () => {
    socket().accept()
    socket().say(snapshot())
    socket().say(event(2))
    expect(sockets).toHaveLength(2)
    expect(socket().query.get('after')).toBeNull()
    expect(state?.plan.open_seats).toBe(10)
  })

  it('takes a snapshot that answers a wish to resume a stream the server no longer has', () => {
    socket().accept()
    socket().say(snapshot(9, 'old'))
    socket().drop()
    wait(1000)
    socket().accept()
    socket().say(snapshot(0, 'new'))
    socket().say(event(1, 5))
    expect(state?.plan.open_seats).toBe(5)
  })

  it('pings every ten seconds and gives up a socket that stays silent', () => {
    socket().accept()
    socket().say(snapshot())
    socket().sent.length = 0
    wait(10_000)
    expect(socket().sent).toEqual([{ type: 'ping' }])
    wait(16_000)
    expect(statuses.at(-1)).toBe('offline')
    wait(1000)
    expect(sockets).toHaveLength(2)
  })

  it('gives up a connection that never opens', () => {
    wait(11_000)
    expect(statuses.at(-1)).toBe('offline')
  })

  it('waits longer after each failure, up to fifteen seconds, and starts anew after a success', () => {
    const gaps: number[] = []
    for (let attempt = 0; attempt < 8; attempt++) {
      const before = now
      socket().drop()
      const known = sockets.length
      while (sockets.length === known) wait(500)
      gaps.push(now - before)
    }
    expect(gaps.slice(0, 6)).toEqual([500, 1000, 2000, 4000, 8000, 15_000])
    socket().accept()
    socket().say(snapshot())
    const before = now
    socket().drop()
    const known = sockets.length
    while (sockets.length === known) wait(500)
    expect(now - before).toBe(500)
  })

  it('does not wait when the browser says that the network is back', () => {
    socket().drop()
    connection.hurry()
    expect(sockets).toHaveLength(2)
  })

  it.each([
    [4001, 'signed_out'],
    [4009, 'replaced'],
  ])('stays away after close code %d', (code, status) => {
    socket().accept()
    socket().say(snapshot())
    socket().drop(code)
    expect(statuses.at(-1)).toBe(status)
    wait(60_000)
    expect(sockets).toHaveLength(1)
  })

  it('comes back after it was closed for being slow', () => {
    socket().accept()
    socket().say(snapshot())
    socket().drop(4008)
    wait(1000)
    expect(sockets).toHaveLength(2)
  })

  it('survives frames that are not of the protocol', () => {
    socket().accept()
    for (const junk of ['', 'null', '[]', '{', '{"type":"event"}', '{"type":"snapshot"}', '{"type":"x"}']) socket().say(junk)
    socket().say(snapshot())
    expect(statuses.at(-1)).toBe('online')
  })

  it('says that it could not acknowledge while there is no socket', () => {
    expect(connection.ack('p')).toBe(false)
    socket().accept()
    expect(connection.ack('p')).toBe(true)
    expect(socket().sent.at(-1)).toEqual({ type: 'ack', pop_id: 'p' })
  })

  it('ends with the state of the server whatever the network does', () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: eventOf.map((happening) => ({ kind: 'event' as const, happening })) },
      { weight: 1, arbitrary: fc.constant({ kind: 'drop' as const }) },
      { weight: 1, arbitrary: fc.constant({ kind: 'lose' as const }) },
      { weight: 1, arbitrary: fc.constant({ kind: 'repeat' as const }) },
      { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        connection.stop()
        connection.start()
        const server = new Server()
        server.serve()
        for (const one of steps) {
          if (one.kind === 'event') server.happen(one.happening)
          else server[one.kind]()
        }
        server.happen({ name: 'switch', data: { up: false } })
        wait(40_000)
        server.serve()
        expect(state).toEqual(server.state)
      }),
      { numRuns: 200 },
    )
  })
})

/** The server's side of the protocol, in short. */
class Server {
  state = emptyState()
  stream = 1
  seq = 0
  log: { seq: number; frame: object }[] = []
  private served: FakeSocket | null = null
  private losing = false

  /** Answer the newest socket if it is not answered yet. */
  serve(): void {
    const client = socket()
    if (client === this.served || client.readyState === 3) return
    this.served = client
    client.accept()
    const after = client.query.get('after')
    if (client.query.get('stream') === String(this.stream) && after !== null) {
      this.log.filter((entry) => entry.seq > Number(after)).forEach((entry) => client.say(entry.frame))
    } else {
      client.say({ type: 'snapshot', stream: String(this.stream), seq: this.seq, state: this.state })
    }
  }

  happen(happening: NamedEvent): void {
    this.serve()
    this.state = apply(this.state, happening)
    const frame = { type: 'event', seq: ++this.seq, at: NOW, ...happening }
    this.log.push({ seq: this.seq, frame })
    if (!this.losing) this.served?.say(frame)
    this.losing = false
    this.serve()
  }

  drop(): void {
    socket().drop()
    wait(30_000)
    this.serve()
  }

  /** The next frame gets lost on the way. */
  lose(): void {
    this.losing = true
  }

  repeat(): void {
    const last = this.log.at(-1)
    if (last) this.served?.say(last.frame)
  }

  /** A new process: it knows the state, not the old stream. */
  restart(): void {
    this.stream++
    this.seq = 0
    this.log = []
    this.drop()
  }
}
