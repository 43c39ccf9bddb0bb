/** Every request that the desktop makes, by name. */
import type { Article, Found } from '@/knowledge/types'
import type { FiguresBy, FiguresReport, Staffing } from '@/office/staffing/types'
import type { MonitorMode, SeatOrder } from './floorTypes'
import { get, patch, post, put, remove, upload } from './http'
import type {
  CallLine,
  Catalogue,
  Duplicate,
  Identity,
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

  staffing: (day: string) => get<Staffing>('/api/staffing', { day }),
  figures: (from: string, to: string, by: FiguresBy) => get<FiguresReport>('/api/figures', { from, to, by }),
  figuresSheetUrl: (from: string, to: string, by: FiguresBy) =>
    `/api/figures/sheet?${new URLSearchParams({ from, to, by }).toString()}`,
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
  callEmergency: (callId: string, number: string) =>
    post(`/api/calls/${encodeURIComponent(callId)}/emergency`, { number }),
  handOver: (callId: string) => post(`/api/calls/${encodeURIComponent(callId)}/emergency/hand-over`),
  withdrawEmergency: (callId: string) => remove(`/api/calls/${encodeURIComponent(callId)}/emergency`),
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
  searchKnowledge: (q: string) => get<Found>('/api/knowledge', { q }),
  article: (id: number) => get<Article>(`/api/knowledge/${id}`),
  lookUpKnowledge: (ticketId: number, query: string, article_id: number | null) =>
    post<Ticket>(`/api/tickets/${ticketId}/knowledge`, { query, article_id }),
  duplicates: (ticketId: number) => get<Duplicate[]>(`/api/tickets/${ticketId}/duplicates`),
  decideDuplicate: (ticketId: number, other: number, same: boolean) =>
    post<Ticket>(`/api/tickets/${ticketId}/duplicates`, { other, same }),
  unmask: (ticketId: number, reason: string) => post<Identity>(`/api/tickets/${ticketId}/identity`, { reason }),
  catalogue: () => get<Catalogue>('/api/catalogue'),
}
