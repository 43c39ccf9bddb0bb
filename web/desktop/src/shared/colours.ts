/** One colour for one meaning, everywhere. */
import type { AgentState, CallState, SeatState } from '@/api/types'

export type Colour = 'slate' | 'blue' | 'green' | 'amber' | 'red' | 'violet' | 'teal'

const SEAT: Record<SeatState | AgentState, Colour> = {
  free: 'green',
  closed: 'slate',
  signed_out: 'slate',
  not_ready: 'slate',
  ready: 'green',
  ringing: 'amber',
  talking: 'blue',
  wrap_up: 'teal',
}

const CALL: Record<CallState, Colour> = { ringing: 'amber', talking: 'blue', held: 'violet', ended: 'slate' }

const TICKET: Record<string, Colour> = {
  DRAFT: 'amber',
  PENDING_INFO: 'violet',
  TO_DISPATCH: 'blue',
  ANSWERED: 'green',
  REFERRED: 'teal',
}

export const seatColour = (state: SeatState | AgentState): Colour => SEAT[state] ?? 'slate'
export const callColour = (state: CallState): Colour => CALL[state] ?? 'slate'
export const ticketColour = (state: string): Colour => TICKET[state] ?? 'slate'
