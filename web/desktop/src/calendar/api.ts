/** The requests of the calendar page, and what they answer. */
import { get, post, put } from '@/api/http'

export type Kind = 'work' | 'rest' | 'holiday' | 'makeup'

export interface Day {
  day: string
  kind: Kind
  name: string
  document: string
}

export interface Year {
  year: number
  provisional: boolean
  missing_next_year: number | null
  days: Day[]
}

export interface Due {
  at: string
  last_day: string
  provisional: boolean
  counted: string[]
  skipped: { day: string; kind: Kind; name: string }[]
}

export interface Version {
  id: number | null
  layer: 'notice' | 'local'
  year: number
  number: string
  published: string
  revision: number
  papers: string[]
  state: 'proposed' | 'approved' | 'rejected' | 'superseded'
  in_force: boolean
  off_days: number
  worked_days: number
  first: string
  last: string
  name: string
  proposed_by: string
  proposed_at: string | null
  own: boolean
  decided_by: string
  decided_at: string | null
  reason: string
}

export interface Change {
  day: string
  old_kind: Kind
  old_name: string
  new_kind: Kind
  new_name: string
}

export interface Proposal {
  outcome: 'new' | 'open' | 'in_force'
  version: Version | null
  was_provisional: boolean
  changes: Change[]
}

export interface Fault {
  line: number
  code: string
  zh: string
  en: string
}

export interface Order {
  number: string
  reason: string
  first: string
  last: string
  off: boolean
}

export const calendarApi = {
  year: (year: number) => get<Year>(`/api/calendar/years/${year}`),
  due: (received: string, working_days: number) => get<Due>('/api/calendar/due', { received, working_days }),
  versions: () => get<Version[]>('/api/calendar/versions'),
  proposal: (id: number) => get<Proposal>(`/api/calendar/proposals/${id}`),
  upload: (name: string, content: string) => post<Proposal>('/api/calendar/proposals', { name, content }),
  order: (order: Order) => post<Proposal>('/api/calendar/orders', order),
  approve: (id: number) => put<Version>(`/api/calendar/proposals/${id}/approval`),
  reject: (id: number, reason: string) => put<Version>(`/api/calendar/proposals/${id}/rejection`, { reason }),
}
