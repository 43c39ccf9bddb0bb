/** Every request of the roster's pages, by name. */
import { get, post, put, remove, request } from '@/api/http'
import type {
  Absence,
  AbsenceKind,
  Cell,
  DutyNow,
  Generated,
  Month,
  MyRoster,
  Rules,
  Swap,
  SwapTrigger,
} from './types'

type Revision = number | null
const at = (month: string) => `/api/roster/months/${month}`
const GENERATION_MS = 150_000

export const rosterApi = {
  month: (month: string, version?: 'draft' | 'published') => get<Month>(at(month), { version }),
  setCells: (month: string, revision: Revision, cells: Cell[]) => put<Month>(`${at(month)}/cells`, { revision, cells }),
  undo: (month: string, revision: Revision) => post<Month>(`${at(month)}/undo`, { revision }),
  discard: (month: string, revision: Revision) => post<Month>(`${at(month)}/discard`, { revision }),
  publish: (month: string, revision: Revision, despite: string) =>
    post<Month>(`${at(month)}/publication`, { revision, despite }),
  generate: (month: string, body: { revision: Revision; seed: number; effort: number; keep_all: boolean; since: string | null }) =>
    request<Generated>('POST', `${at(month)}/generation`, { body, timeout: GENERATION_MS }),
  sheetUrl: (month: string, version: string) => `${at(month)}/sheet?version=${version}`,
  importSheet: (month: string, revision: Revision, file: File) =>
    request<Month>('PUT', `${at(month)}/sheet`, { query: { revision }, raw: file, timeout: 60_000 }),
  rules: () => get<Rules>('/api/roster/rules'),
  setRules: (rules: Rules) => put<Rules>('/api/roster/rules', rules),

  absences: (first: string, last: string) => get<Absence[]>('/api/roster/absences', { first, last }),
  enterAbsence: (body: { kind: AbsenceKind; first: string; last: string; note: string; people?: number[] }) =>
    post<Absence[]>('/api/roster/absences', body),
  decideAbsence: (id: number, trigger: 'approve' | 'refuse' | 'withdraw') =>
    post<Absence>(`/api/roster/absences/${id}/decision`, { trigger }),
  setResult: (id: number, result: string) => put<Absence>(`/api/roster/absences/${id}/result`, { result }),

  swaps: () => get<Swap[]>('/api/roster/swaps'),
  offerSwap: (body: { taker: number; day: string; back_day: string | null; note: string }) =>
    post<Swap>('/api/roster/swaps', body),
  decideSwap: (id: number, trigger: SwapTrigger, reason = '') =>
    post<Swap>(`/api/roster/swaps/${id}/decision`, { trigger, reason }),

  duty: () => get<DutyNow>('/api/roster/duty'),
  admit: (account_id: number, reason: string) => post<unknown>('/api/roster/admissions', { account_id, reason }),

  mine: () => get<MyRoster>('/api/roster/mine'),
  setWish: (day: string, shift: string, avoid: boolean) => put<void>(`/api/roster/mine/wishes/${day}`, { shift, avoid }),
  dropWish: (day: string) => remove(`/api/roster/mine/wishes/${day}`),
}
