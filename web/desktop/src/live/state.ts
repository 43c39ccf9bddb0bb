/** The state of the live connection: what the server last said, nothing of our own (docs/live-protocol.md). */
import type { AlarmPiece, Callbacks, DayLoad } from '@/api/wallboard'
import type { Call, Figures, Plan, Pop, Seat, Session, Waiting } from '@/api/types'
import type { Monitor, Surge } from '@/api/floorTypes'

export interface LiveState {
  server_time: string
  switch: { up: boolean }
  session: Session | null
  call: Call | null
  pop: Pop | null
  seats: Record<string, Seat>
  plan: Plan
  queue: { waiting: Waiting[] }
  figures: Figures | null
  /** Only for those who may see them. */
  alarms?: { standing: AlarmPiece[] }
  callbacks?: Callbacks
  load?: DayLoad
  monitor: Monitor | null
  surge: Surge | null
}

export interface Notice {
  level: 'info' | 'warning' | 'alarm'
  zh: string
  en: string
  code: string
}

export interface TicketHint {
  ticket_id: number
  version: number
  state: string
}

export type SnapshotFrame = { type: 'snapshot'; stream: string; seq: number; state: LiveState }
export type EventFrame = { type: 'event'; seq: number; name: string; data: unknown; at: string }
export type PongFrame = { type: 'pong'; at: string }
export type ErrorFrame = { type: 'error'; code: string; zh: string; en: string }
export type ServerFrame = SnapshotFrame | EventFrame | PongFrame | ErrorFrame

/** What the server closes the socket with. */
export const CLOSE = { signedOut: 4001, slow: 4008, replaced: 4009 } as const
