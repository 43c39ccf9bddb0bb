/** The shapes of the HTTP API and of the live connection (docs/live-protocol.md). Times are ISO 8601 with zone. */

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
  /** Who is at the other end of the call there, masked; '' for nobody. */
  caller_masked: string
}

export interface Plan {
  open_seats: number
  physical_seats: number
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
  knowledge: { id: number | string; title: string }[]
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

/** One value that a person may choose, named in both languages. */
export interface Choice {
  code: string
  zh: string
  en: string
}

export interface Category {
  code: string
  name: string
  zh: string
  en: string
  active: boolean
  parent: string | null
  pinyin: string
}

/** A body that callers are guided or transferred to. */
export interface Target extends Choice {
  number: string
  kind: string
}

export interface Catalogue {
  appeal_types: Choice[]
  handling_classes: Choice[]
  urgencies: Choice[]
  reply_methods: Choice[]
  genders: Choice[]
  subject_kinds: Choice[]
  languages: Choice[]
  states: Choice[]
  categories: Category[]
  channels: Choice[]
  referral_results: Choice[]
  areas: Choice[]
  units: { id: number; name: string; kind: string }[]
  hotlines: { number: string; name: string }[]
  referral_targets: Target[]
  pause_reasons: Choice[]
}

/** What an operator may write into a ticket. */
export interface TicketFields {
  caller_name: string
  caller_gender: string | null
  contact_phone: string
  alt_phone: string
  reply_method: string | null
  anonymous: boolean | null
  confidential: boolean | null
  public_ok: boolean | null
  language: string | null
  subject_kind: string | null
  appeal_type: string | null
  handling_class: string | null
  category: string | null
  title: string
  content: string
  area: string | null
  street: string
  community: string
  address: string
  occurred_at: string
  complained_party: string
  urgency: string | null
  purpose: string
  key_flag: boolean
  key_reason: string
  kb_query: string
  kb_source: string
  answer_text: string
  referral_target: string | null
  referral_result: string | null
  missing_info: string
  invalid_reason: string
  related_ticket: string | number | null
}

/** What a guard lacks: a field of the form, or of the data sent with the command. */
export interface Lack {
  field: string
  zh: string
  en: string
  where: 'form' | 'data'
}

export interface AllowedAction {
  trigger: string
  to: string
  zh: string
  en: string
  missing: Lack[]
}

export interface Ticket extends TicketFields {
  id: number
  number: string | null
  version: number
  state: string
  state_name: string
  channel: string
  call_id: string | null
  source_number: string
  contact_id: number
  dnid: string
  hotline_name: string
  recording: boolean
  opened_at: string
  opened_by_name: string
  accepted_at: string | null
  accepted_by_name: string
  category_name: string
  area_name: string
  invalid_proposed: boolean
  editable: boolean
  warnings: { target: string; zh: string; en: string }[]
  allowed_actions: AllowedAction[]
}

export interface TicketEvent {
  seq: number
  at: string
  by_name: string
  kind: string
  kind_name: string
  trigger: string
  trigger_name: string
  from: string | null
  to: string | null
  data: Record<string, unknown>
}

/** Body of every refusal (core/errors.py). */
export interface ErrorBody {
  code: string
  zh: string
  en: string
  details: Record<string, unknown>
}
