/** The only way by which the live state changes: each event replaces one named piece. Pure. */
import type { Seat } from '@/api/types'
import type { LiveState } from './state'

export interface NamedEvent {
  name: string
  data: unknown
}

const PIECES = new Set([
  'switch', 'session', 'call', 'pop', 'plan', 'queue', 'alarms', 'callbacks', 'figures', 'load', 'monitor', 'surge',
])

/** Return the state after `event`; the same object if the event is not part of the state or not known. */
export function apply(state: LiveState, event: NamedEvent): LiveState {
  if (PIECES.has(event.name)) return { ...state, [event.name]: event.data }
  if (event.name === 'seat') {
    const seat = event.data as Seat
    return { ...state, seats: { ...state.seats, [seat.number]: seat } }
  }
  return state
}
