/** The shapes of tickets and of what the form offers to choose from. */
import type { TicketLine } from './types'

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

/** The caller of a ticket, unmasked. */
export interface Identity {
  caller_name: string
  source_number: string
  contact_phone: string
  alt_phone: string
}

/** A known matter that looks like a draft, and in what: figures between 0 and 1. */
export interface Duplicate {
  ticket: TicketLine
  score: number
  same_caller: boolean
  same_category: boolean
  address: number
  text: number
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
