/** Every request that the desktop makes, by name. */
import type { MonitorMode, SeatOrder } from './floorTypes'
import { get, patch, post, put, remove, upload } from './http'
import type {
  CallLine,
  Catalogue,
  Me,
  Plan,
  Seat,
  SeatLease,
  Session,
  SipAccount,
  Ticket,
  TicketEvent,
  TicketFields,
  TicketLine,
} from './types'

export const api = {
  me: () => get<Me>('/api/session'),
  signIn: (username: string, password: string) => post<Me>('/api/session', { username, password }),
  signOut: () => remove('/api/session'),

  seats: () => get<{ seats: Seat[]; plan: Plan }>('/api/seats'),
  takeSeat: (seat: string) => put<SeatLease>('/api/seats/mine', { seat }),
  mySeat: () => get<SeatLease>('/api/seats/mine'),
  leaveSeat: () => remove('/api/seats/mine'),
  setReady: () => put<Session>('/api/seats/mine/state', { state: 'ready' }),
  setNotReady: (reason: string) => put<Session>('/api/seats/mine/state', { state: 'not_ready', reason }),
  extendWrapUp: () => post<Session>('/api/seats/mine/wrap-up/extension'),
  setPlan: (open_seats: number, reason: string) => put<Plan>('/api/seats/plan', { open_seats, reason }),

  floorPhone: () => put<{ endpoint: string; sip: SipAccount }>('/api/floor/phone'),
  beginMonitor: (seat: string, mode: MonitorMode) => post<{ id: string }>('/api/floor/monitors', { seat, mode }),
  changeMonitor: (id: string, mode: MonitorMode) => patch<{ id: string }>(`/api/floor/monitors/${id}`, { mode }),
  endMonitor: (id: string) => remove(`/api/floor/monitors/${id}`),
  orderSeat: (seat: string, order: SeatOrder) => put<void>(`/api/floor/seats/${seat}/state`, order),
  moveUp: (callId: string, to: 'head' | 'up') =>
    post<{ position: number }>(`/api/floor/queue/${encodeURIComponent(callId)}/position`, { to }),
  startSurge: (surge: { text: string; areas: string; offers_inform: boolean; ends_at: string }) =>
    put<unknown>('/api/floor/surge', surge),
  surgeRecording: (file: File) => upload('/api/floor/surge/recording', file),
  endSurge: () => remove('/api/floor/surge'),

  myCalls: (before?: string) =>
    get<{ calls: CallLine[]; next: string | null }>('/api/calls/mine', { before, limit: 30 }),
  hangUp: (callId: string) => remove(`/api/calls/${encodeURIComponent(callId)}`),
  recordingUrl: (callId: string) => `/api/calls/${encodeURIComponent(callId)}/recording`,
  callerHistory: (callId: string) =>
    get<{ known_name: string; last_calls: CallLine[]; tickets: TicketLine[] }>(
      `/api/callers/${encodeURIComponent(callId)}/history`,
    ),

  tickets: (query: { scope: 'mine' | 'office'; state?: string; q?: string; before?: number; limit?: number }) =>
    get<{ tickets: TicketLine[]; next: number | null; total_hint: number | null }>('/api/tickets', query),
  openTicket: (call_id?: string) => post<Ticket>('/api/tickets', call_id ? { call_id } : {}),
  ticket: (id: number) => get<Ticket>(`/api/tickets/${id}`),
  saveTicket: (id: number, version: number, fields: Partial<TicketFields>, keepalive = false) =>
    patch<Ticket>(`/api/tickets/${id}`, { version, fields }, keepalive),
  moveTicket: (
    id: number,
    body: { trigger: string; version: number; data: Record<string, unknown>; idempotency_key: string },
  ) => post<Ticket>(`/api/tickets/${id}/transitions`, body),
  ticketEvents: (id: number) => get<TicketEvent[]>(`/api/tickets/${id}/events`),
  catalogue: () => get<Catalogue>('/api/catalogue'),
}
