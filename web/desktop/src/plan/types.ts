/** The shapes of the seat plan's endpoints (seats/plan_schemas.py). Minutes are of the day in Yingkou. */
import type { Plan } from '@/api/types'

export type DayGroup = 'workday' | 'rest' | 'holiday'
export type DayKind = 'work' | 'rest' | 'holiday' | 'makeup'
export type EntryKind = 'default' | 'standing' | 'window' | 'now'

export interface Entry {
  /** Negative for the defaults of the installation. */
  id: number
  kind: EntryKind
  open_seats: number
  reason: string
  author: string
  made_at: string | null
  starts_at: string | null
  ends_at: string | null
}

export interface Span {
  starts_at: string
  ends_at: string
  open_seats: number
  entry: Entry
}

export interface DayPlan {
  /** yyyy-mm-dd */
  day: string
  kind: DayKind
  name: string
  provisional: boolean
  spans: Span[]
}

export interface RuleSpan {
  begins: number
  ends: number
  entry: Entry
}

export interface Change {
  id: number
  kind: 'standing' | 'window' | 'now' | 'withdrawal'
  at: string
  author: string
  reason: string
  open_seats: number
  starts_at: string | null
  ends_at: string | null
  days: DayGroup[]
  begins: number
  ends: number
  withdraws: number | null
  withdrawn_at: string | null
  withdrawn_by: string
}

export interface PlanPage {
  plan: Plan
  days: DayPlan[]
  rules: Record<DayGroup, RuleSpan[]>
  windows: Entry[]
  moment: Entry | null
  undoable: Change | null
}

export interface Wish {
  open_seats: number
  reason: string
  override?: boolean
}
