/** What is typed, what is saved, and what to do when both sides changed. Pure: every function returns a new state. */
import type { Ticket, TicketFields } from '@/api/types'

export type FieldName = keyof TicketFields
export type Fields = Partial<TicketFields>

export type Refusals = Partial<Record<FieldName, { zh: string; en: string }>>

export interface DraftState {
  /** What the server last said. */
  base: Ticket
  /** Typed and not yet sent. */
  edits: Fields
  /** Under way to the server. */
  sending: Fields | null
  /** Typed by us and changed by somebody else meanwhile: not sent until a person chose. */
  conflicts: FieldName[]
  /** Refused by the server as it stands (half a telephone number): not sent again until it is changed. */
  refusals: Refusals
  /** Saved as typed, but kept by the server in another form (spaces cut): shown as typed while it has the focus. */
  typed: Fields
}

export const opened = (ticket: Ticket): DraftState => ({
  base: ticket,
  edits: {},
  sending: null,
  conflicts: [],
  refusals: {},
  typed: {},
})

/** Return the value to show. */
export function shown<F extends FieldName>(state: DraftState, field: F): TicketFields[F] {
  for (const layer of [state.edits, state.sending, state.typed]) {
    if (layer !== null && field in layer) return layer[field] as TicketFields[F]
  }
  return state.base[field]
}

export function edited<F extends FieldName>(state: DraftState, field: F, value: TicketFields[F]): DraftState {
  const edits = { ...state.edits }
  const known = state.sending !== null && field in state.sending ? state.sending[field] : state.base[field]
  if (same(known, value)) delete edits[field]
  else edits[field] = value
  const refusals = { ...state.refusals }
  delete refusals[field]
  return { ...state, edits, refusals, typed: without(state.typed, [field]) }
}

/** Return what is to be sent now; nothing while a save is under way or when all that is left waits for a person. */
export function sendable(state: DraftState): Fields {
  if (state.sending !== null) return {}
  return without(state.edits, [...state.conflicts, ...(Object.keys(state.refusals) as FieldName[])])
}

export function sendingBegun(state: DraftState): DraftState {
  const sending = sendable(state)
  return { ...state, sending, edits: without(state.edits, keys(sending)) }
}

/** The server took the save; `focused` is the field that the person is in. */
export function saved(state: DraftState, ticket: Ticket, focused: FieldName | null = null): DraftState {
  const kept = focused === null ? undefined : state.sending?.[focused]
  const typed = focused !== null && kept !== undefined && !same(kept, ticket[focused]) ? { [focused]: kept } : {}
  return { ...state, base: ticket, sending: null, typed }
}

/** The save did not reach the server or was refused: what was under way is unsent again. */
export function sendingFailed(state: DraftState): DraftState {
  return { ...state, edits: { ...state.sending, ...state.edits }, sending: null }
}

/** The server refused some values: all is unsent again, and those wait until they are changed. */
export function valuesRefused(state: DraftState, refusals: Refusals): DraftState {
  return { ...sendingFailed(state), refusals: { ...state.refusals, ...refusals } }
}

/** Somebody else changed the ticket: take over their changes, keep ours, name the fields that both touched. */
export function overtaken(state: DraftState, fresh: Ticket): { state: DraftState; merged: FieldName[] } {
  const mine: Fields = { ...state.sending, ...state.edits }
  const theirs = FIELD_NAMES.filter((field) => !same(state.base[field], fresh[field]))
  const conflicts = theirs.filter((field) => field in mine && !same(mine[field], fresh[field]))
  const agreed = keys(mine).filter((field) => same(mine[field], fresh[field]))
  return {
    state: { ...state, base: fresh, edits: without(mine, agreed), sending: null, conflicts, typed: {} },
    merged: theirs.filter((field) => !(field in mine)),
  }
}

/** The person chose for one field of a conflict. */
export function decided(state: DraftState, field: FieldName, keepMine: boolean): DraftState {
  return {
    ...state,
    conflicts: state.conflicts.filter((other) => other !== field),
    edits: keepMine ? state.edits : without(state.edits, [field]),
  }
}

export const isClean = (state: DraftState) => state.sending === null && keys(state.edits).length === 0

/** Nothing chosen is null on the wire and '' in an input: the same thing to a person. */
export function same(a: unknown, b: unknown): boolean {
  return (a ?? '') === (b ?? '')
}

function without(fields: Fields, names: FieldName[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name as FieldName))) as Fields
}

const keys = (fields: Fields) => Object.keys(fields) as FieldName[]

export const FIELD_NAMES: FieldName[] = [
  'caller_name',
  'caller_gender',
  'contact_phone',
  'alt_phone',
  'reply_method',
  'anonymous',
  'confidential',
  'public_ok',
  'language',
  'subject_kind',
  'appeal_type',
  'handling_class',
  'category',
  'title',
  'content',
  'area',
  'street',
  'community',
  'address',
  'occurred_at',
  'complained_party',
  'urgency',
  'purpose',
  'key_flag',
  'key_reason',
  'kb_query',
  'kb_source',
  'answer_text',
  'referral_target',
  'referral_result',
  'missing_info',
  'invalid_reason',
  'related_ticket',
]

/** The ★ fields: without them a ticket is not accepted for dispatch (the server decides; this only draws the star). */
export const STARRED: ReadonlySet<FieldName> = new Set<FieldName>([
  'anonymous',
  'confidential',
  'public_ok',
  'appeal_type',
  'handling_class',
  'category',
  'title',
  'content',
  'area',
  'urgency',
])
