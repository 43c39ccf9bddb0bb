/** The fake server's world: one state, one stream of numbered events, the agent's state machine in short. */
import { randomUUID } from 'node:crypto'
import * as sample from './sample.mjs'

const WRAP_UP_SECONDS = 120
const KEPT_EVENTS = 500

export class World {
  stream = randomUUID()
  seq = 0
  events = []
  sockets = new Set()
  state = {
    server_time: '',
    switch: { up: true },
    session: null,
    call: null,
    pop: null,
    seats: sample.seats(),
    plan: { open_seats: 10, physical_seats: 12 },
    queue: { waiting: [] },
    figures: null,
    monitor: null,
    surge: null,
  }
  tickets = sample.tickets()
  nextTicket = 102
  calls = [sample.callLine(4, 9, 'answered', 320, 100), sample.callLine(5, 31, 'answered', 75, 99), ...sample.lastCalls]
  wishedPause = ''

  snapshot() {
    return { type: 'snapshot', stream: this.stream, seq: this.seq, state: { ...this.state, server_time: now() } }
  }

  /** Replace a piece of the state and tell everybody; 'notice' and 'ticket' are only told. */
  publish(name, data) {
    if (name === 'seat') this.state.seats[data.number] = data
    else if (name in this.state) this.state[name] = data
    const frame = { type: 'event', seq: ++this.seq, name, data, at: now() }
    this.events = [...this.events, frame].slice(-KEPT_EVENTS)
    for (const socket of this.sockets) socket.send(JSON.stringify(frame))
  }

  takeSeat(number, account) {
    this.become('not_ready', { seat: number, endpoint: `seat${number}`, device_reachable: true, agent: account.display_name }, 'sign_in')
    return this.lease()
  }

  lease() {
    const username = this.state.session.endpoint
    return {
      session: this.state.session,
      sip: { ws_url: this.sipUrl, uri: `sip:${username}@hotline.invalid`, username, password: 'dev', realm: '', ice_servers: [] },
    }
  }

  leaveSeat() {
    const { session } = this.state
    if (!session) return
    this.publish('seat', { number: session.seat, state: 'free', agent_name: '', reason: '', since: null, reachable: false })
    this.publish('session', null)
    this.publish('call', null)
  }

  become(state, seat = {}, reason = '', extra = {}) {
    const { agent = this.agent, ...rest } = seat
    this.agent = agent
    const deadline = state === 'wrap_up' ? later(WRAP_UP_SECONDS) : null
    const before = this.state.session ?? { seat: '', endpoint: '', device_reachable: true, pause_wished: '' }
    const session = { ...before, ...rest, state, reason, since: now(), deadline, extended: false, call_id: this.state.call?.call_id ?? null, ...extra }
    this.publish('session', session)
    this.publish('seat', { number: session.seat, state, agent_name: agent, reason, since: session.since, reachable: true })
  }

  ring({ emergency = false, caller = '13900000001' } = {}) {
    const call_id = randomUUID()
    const shared = {
      call_id, caller, caller_masked: `${caller.slice(0, 3)}****${caller.slice(-4)}`, caller_place: '辽宁营口 移动',
      dnid: '8890', hotline_name: '便民服务热线', menu: emergency ? 'emergency' : 'complaint', emergency, attempt: 1,
      offered_at: now(), waited_seconds: 12.4, ticket_id: null,
    }
    this.publish('call', { ...shared, state: 'ringing', answered_at: null, ended_at: null, recording: false })
    const seat = this.state.session.seat
    this.publish('pop', {
      ...shared, pop_id: `${call_id}:${seat}:1`, seat, known_name: '刘女士', repeat: true, last_calls: sample.lastCalls,
      open_tickets: [100, 99].map((id) => line(this.tickets.get(id))),
      key_matters: [{ title: '建设街片区连日停水(3 人反映)', ticket_id: 100 }],
      knowledge: [{ id: 1, title: '计划停水公告与临时供水点' }, { id: 2, title: '供水抢修时限与报修电话' }],
    })
    this.become('ringing')
  }

  answered() {
    const ticket = this.openTicket(this.state.call)
    this.publish('call', { ...this.state.call, state: 'talking', answered_at: now(), recording: true, ticket_id: ticket.id })
    this.publish('pop', { ...this.state.pop, ticket_id: ticket.id })
    this.become('talking')
  }

  ended() {
    const { call } = this.state
    if (!call) return
    if (call.state === 'ringing') {
      this.publish('call', null)
      this.publish('pop', null)
      return this.become('not_ready', {}, 'missed_call')
    }
    this.publish('call', { ...call, state: 'ended', ended_at: now() })
    this.calls.unshift({ ...sample.callLine(6, 0, 'answered', 64, call.ticket_id), call_id: call.call_id })
    this.become('wrap_up')
  }

  held(on) {
    this.publish('call', { ...this.state.call, state: on ? 'held' : 'talking' })
  }

  openTicket(call) {
    const known = [...this.tickets.values()].find((one) => call && one.call_id === call.call_id)
    if (known) return known
    const id = this.nextTicket++
    const made = sample.emptyTicket(id, {
      call_id: call?.call_id ?? null, source_number: call?.caller ?? '', contact_phone: call?.caller ?? '', recording: Boolean(call),
    })
    this.tickets.set(id, made)
    this.publish('ticket', { ticket_id: id, version: 1, state: 'DRAFT' })
    return made
  }
}

export function line(ticket) {
  const { id, number, state, state_name, title, category_name, opened_at } = ticket
  return { id, number, state, state_name, title, category_name, opened_at }
}

export const now = () => new Date().toISOString()
const later = (seconds) => new Date(Date.now() + seconds * 1000).toISOString()
