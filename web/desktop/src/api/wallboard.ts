/** Requests and pieces of the wallboard, the callback list and the alarms (docs/live-protocol.md). */
import { get, post, put, remove } from './http'

export interface AlarmPiece {
  /** 0 while the database is away: it cannot be acknowledged yet. */
  id: number
  code: string
  level: 'warning' | 'alarm'
  zh: string
  en: string
  raised_at: string
  acknowledged_at: string | null
  acknowledged_name: string
}

export interface AlarmRow extends AlarmPiece {
  cleared_at: string | null
  worsened: boolean
}

export interface CallbackLine {
  id: number
  state: 'open' | 'claimed' | 'calling' | 'spent'
  number_masked: string
  promised: boolean
  times: number
  first_at: string
  last_at: string
  claimed_by: number | null
  claimed_name: string
  claimed_at: string | null
  attempts: number
  most_attempts: number
  last_attempt_at: string | null
  not_before: string | null
  overdue_at: string
}

/** With the full number where the reader has claimed it. */
export interface CallbackEntry extends Omit<CallbackLine, 'state'> {
  state: string
  number: string
}

export interface Callbacks {
  open: number
  withheld: number
  due_at: string[]
  entries: CallbackLine[]
}

/** The decided calls of Yingkou's day by half hour from midnight. */
export interface DayLoad {
  day: string
  half_hours: { offered: number; answered: number }[]
  connect_percent_before: number | null
}

export interface WallScreen {
  id: number
  username: string
  name: string
  created_at: string
  signed_in: boolean
  password: string
}

export const wallboard = {
  callbacks: () => get<{ entries: CallbackEntry[] }>('/api/callbacks'),
  claim: (id: number) => put<CallbackEntry>(`/api/callbacks/${id}/claim`),
  release: (id: number) => remove(`/api/callbacks/${id}/claim`),
  call: (id: number) => post<CallbackEntry>(`/api/callbacks/${id}/call`),
  dismiss: (id: number, reason: string) => put<CallbackEntry>(`/api/callbacks/${id}/dismissal`, { reason }),

  alarms: (before?: number) => get<{ alarms: AlarmRow[] }>('/api/alarms', { before, limit: 50 }),
  acknowledge: (id: number) => put<AlarmRow>(`/api/alarms/${id}/acknowledgement`),

  screens: () => get<{ screens: WallScreen[] }>('/api/screens'),
  addScreen: (name: string) => post<WallScreen>('/api/screens', { name }),
  revokeScreen: (id: number) => remove(`/api/screens/${id}`),
}
