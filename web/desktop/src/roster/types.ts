/** The shapes of /api/roster; days are yyyy-MM-dd, times ISO 8601. */
export type DayKind = 'work' | 'rest' | 'holiday' | 'makeup'
export type SwapState = 'offered' | 'accepted' | 'approved' | 'declined' | 'withdrawn' | 'refused' | 'lapsed'
export type SwapTrigger = 'accept' | 'decline' | 'withdraw' | 'approve' | 'refuse'
export type AbsenceKind = 'leave' | 'training'

export interface Day {
  day: string
  kind: DayKind
  name: string
  provisional: boolean
}

export interface Shift {
  code: string
  zh: string
  en: string
  mark: string
  starts: number
  ends: number
  seats_work: number
  seats_off: number
  break_minutes: number
  night: boolean
}

export interface Limits {
  rest_hours: number
  nights_in_row: number
  nights_in_14: number
  days_in_row: number
  week_hours: number
  month_overtime: number
  each_company_by_day: boolean
  early_minutes: number
}

export interface Rules {
  shifts: Shift[]
  limits: Limits
}

export interface Person {
  id: number
  name: string
  work_number: string
  company: string
  hours: number
  nights: number
  weekends: number
  shifts: number
  carried_hours: number
  carried_nights: number
  carried_weekends: number
}

export interface Cell {
  person: number
  day: string
  shift: string
  fixed: boolean
  note: string
}

export interface Slot {
  day: string
  shift: string
  need: number
  have: number
}

export interface Conflict {
  code: string
  day: string
  zh: string
  en: string
  people: number[]
  shift: string
  soft: boolean
}

export interface Absence {
  id: number
  person: number
  name: string
  kind: AbsenceKind
  first: string
  last: string
  note: string
  result: string
  state: 'asked' | 'approved' | 'refused' | 'withdrawn'
}

export interface Version {
  number: number
  state: 'draft' | 'published' | 'superseded'
  revision: number
  published_at: string | null
  published_by: string
  note: string
}

export interface Month {
  month: string
  today: string
  version: Version | null
  has_draft: boolean
  has_published: boolean
  can_undo: boolean
  shifts: Shift[]
  limits: Limits
  days: Day[]
  people: Person[]
  cells: Cell[]
  slots: Slot[]
  conflicts: Conflict[]
  absences: Absence[]
}

export interface Generated {
  month: Month
  short: number
  best: boolean
  seconds: number
  reasons: Conflict[]
}

export interface Swap {
  id: number
  giver: number
  giver_name: string
  taker: number
  taker_name: string
  day: string
  shift: string
  back_day: string | null
  back_shift: string
  note: string
  state: SwapState
  reason: string
  offered_at: string
  changed_at: string
  allowed: SwapTrigger[]
}

export interface DutyNow {
  required: boolean
  on_duty: { account_id: number; name: string; shift: string; zh: string; en: string; begins: string; ends: string }[]
  admissions: { account_id: number; name: string; ends: string; reason: string }[]
}

export interface Wish {
  day: string
  shift: string
  avoid: boolean
}

export interface MyRoster {
  person: number
  today: string
  first: string
  last: string
  days: Day[]
  shifts: Shift[]
  cells: Cell[]
  colleagues: { id: number; name: string }[]
  absences: Absence[]
  swaps: Swap[]
  wishes: Wish[]
  published: string[]
}

/** What is wrong in which line of an imported sheet. */
export interface Fault {
  line: number
  column: string
  zh: string
  en: string
}
