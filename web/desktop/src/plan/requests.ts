/** What the page of the seat plan asks of the server. */
import { get, post, put, remove } from '@/api/http'
import type { Plan } from '@/api/types'
import type { Change, DayGroup, PlanPage, Wish } from './types'

export const requests = {
  page: () => get<PlanPage>('/api/seats/plan'),
  history: (before?: number) =>
    get<{ changes: Change[]; next: number | null }>('/api/seats/plan/history', { before, limit: 30 }),
  now: (wish: Wish & { until: string }) => put<Plan>('/api/seats/plan', wish),
  window: (wish: Wish & { starts_at: string; ends_at: string }) => post<Change>('/api/seats/plan/windows', wish),
  rule: (wish: Wish & { days: DayGroup[]; begins: number; ends: number }) =>
    post<Change>('/api/seats/plan/rules', wish),
  withdraw: (id: number, reason: string) => post<Change>(`/api/seats/plan/entries/${id}/withdrawal`, { reason }),
  undo: (reason: string) => post<Change>('/api/seats/plan/undo', { reason }),
  stay: (seat: string, stays: boolean, reason: string) => put<void>(`/api/seats/${seat}/stay`, { stays, reason }),
  noticeSeen: () => remove('/api/seats/mine/notice'),
}
