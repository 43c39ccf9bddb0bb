/** The shapes of the shift leader's floor (docs/live-protocol.md). */

export type MonitorMode = 'listen' | 'whisper' | 'barge' | 'take_over'

/** The shift leader's own session beside a call; `mode` is '' while his telephone is being called. */
export interface Monitor {
  id: string
  seat: string
  agent_name: string
  call_id: string
  mode: MonitorMode | ''
  phone: string
  started_at: string
}

/** What all callers hear before the queue, if `sound` is ready. */
export interface Surge {
  text: string
  areas: string
  offers_inform: boolean
  sound: 'making' | 'ready' | 'failed'
  started_by: string
  starts_at: string
  ends_at: string
  asked: number
}

export interface SeatOrder {
  state: 'not_ready' | 'signed_out' | 'ready'
  why: string
  reason?: string
  when?: '' | 'after_call' | 'at_once'
  override?: boolean
}
