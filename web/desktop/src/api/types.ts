/** The shapes of the HTTP API and of the live connection (docs/live-protocol.md). Times are ISO 8601 with zone. */

export type * from './ticketTypes'

export type AgentState = 'signed_out' | 'not_ready' | 'ready' | 'ringing' | 'talking' | 'wrap_up'
export type SeatState = 'free' | 'closed' | 'not_ready' | 'ready' | 'ringing' | 'talking' | 'wrap_up'
export type CallState = 'ringing' | 'talking' | 'held' | 'ended'

export interface Me {
  account_id: number
  username: string
  display_name: string
  roles: string[]
  seat: Session | null
  demo: boolean
}

export interface Session {
  seat: string
  endpoint: string
  state: AgentState
  reason: string
  since: string
  deadline: string | null
  extended: boolean
  call_id: string | null
  device_reachable: boolean
  /** The reason of a pause that follows the call, '' for none. */
  pause_wished: string
  /** A shift leader's order, '' for none, until the agent is ready again. */
  ordered: '' | 'not_ready' | 'sign_out' | 'end_wrap_up'
  ordered_by: string
  ordered_why: string
}

export interface Seat {
  number: string
  state: SeatState
  agent_name: string | null
  reason: string
  since: string | null
  reachable: boolean
  /** From when the plan takes the seat back; null for nobody or nothing. */
  leaves_at: string | null
  /** Exempted by a manager. */
  stays: boolean
  /** Was to leave, and serves until another seat does. */
  held: boolean
  /** 10 or 2 minutes before leaving, until it was seen; else 0. */
  notice: number
  /** Who is at the other end of the call there, masked; '' for nobody. */
  caller_masked: string
}

export interface Plan {
  open_seats: number
  physical_seats: number
  /** The kind of entry in force, with its reason and author, until `until`. */
  why: 'default' | 'standing' | 'window' | 'now'
  reason: string
  author: string
  until: string | null
  next: { at: string; open_seats: number; reason: string; author: string } | null
  /** The seats that are given back, in order. */
  drain: string[]
}

export interface EmergencyDesk {
  number: string
  route: string
  state: 'dialling' | 'reached' | 'failed'
  since: string
  result: string | null
}

export interface Call {
  call_id: string
  state: CallState
  caller: string
  caller_masked: string
  caller_place: string
  dnid: string
  hotline_name: string
  menu: string
  emergency: boolean
  attempt: number
  offered_at: string | null
  answered_at: string | null
  ended_at: string | null
  waited_seconds: number
  recording: boolean
  ticket_id: number | null
  desk: EmergencyDesk | null
}

export interface CallLine {
  call_id: string
  started_at: string
  outcome: string | null
  agent_name: string | null
  waited_seconds: number
  talk_seconds: number
  dnid: string
  caller_masked: string
  ticket_id: number | null
}

/** A row of a list; the pop's rows carry only the fields that are not optional. */
export interface TicketLine {
  id: number
  number: string | null
  urgency?: string | null
  key_flag?: boolean
  invalid_proposed?: boolean
  caller_masked?: string
  state: string
  state_name: string
  title: string
  category_name: string
  opened_at: string
}

export interface Pop {
  pop_id: string
  call_id: string
  seat: string
  attempt: number
  caller: string
  caller_masked: string
  caller_place: string
  dnid: string
  hotline_name: string
  menu: string
  emergency: boolean
  waited_seconds: number
  known_name: string
  repeat: boolean
  last_calls: CallLine[]
  open_tickets: TicketLine[]
  key_matters: { title: string; ticket_id: number | null }[]
  knowledge: { id: number; title: string }[]
  ticket_id: number | null
  offered_at: string
}

export interface Waiting {
  call_id: string
  caller_masked: string
  position: number
  joined_at: string
  emergency: boolean
}

/** The calls that began in one window of time; null is a rate of nothing and shown as a dash. */
export interface Rates {
  offered: number
  queued: number
  answered: number
  abandoned: number
  waiting: number
  connect_percent: number | null
  within_15_percent: number | null
  abandoned_percent: number | null
  mean_wait_seconds: number | null
}

export interface Figures {
  last_hour: Rates
  today: Rates
  last_24h: Rates
  target_percent: number
  alarm: boolean
}

export interface SipAccount {
  ws_url: string
  uri: string
  username: string
  password: string
  realm: string
  ice_servers: RTCIceServer[]
}

export interface SeatLease {
  session: Session
  sip: SipAccount
}

/** Body of every refusal (core/errors.py). */
export interface ErrorBody {
  code: string
  zh: string
  en: string
  details: Record<string, unknown>
}
