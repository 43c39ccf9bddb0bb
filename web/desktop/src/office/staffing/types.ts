/** The shapes of /api/staffing and /api/figures. Times are ISO 8601 with zone. */

/** Half an hour of the staffing advice; null is what is not over yet. */
export interface StaffingHalfHour {
  start: string
  calls: number
  recommended: number
  planned: number
  came: number | null
  actual: number | null
}

export interface Staffing {
  day: string
  kind: 'work' | 'rest' | 'holiday' | 'makeup'
  holiday: string
  provisional: boolean
  forecast: {
    basis: 'same_weekday' | 'same_kind' | 'all_days' | 'none'
    days: number
    enough: boolean
    storms: number
    season_factor: number
    holiday_factor: number
  }
  handling: {
    talk_seconds: number
    wrap_up_seconds: number
    patience_seconds: number
    calls: number
    assumed: string[]
  }
  goal: { within_percent: number; target_seconds: number; connect_percent: number }
  half_hours: StaffingHalfHour[]
}

/** S01 to S07 of some calls; null is a rate of nothing and shown as a dash. */
export interface CallFigures {
  offered: number
  ivr_hang_ups: number
  blacklisted: number
  queued: number
  answered: number
  connect_percent: number | null
  total_connect_percent: number | null
  answered_within_15: number
  within_15_percent: number | null
  within_15_of_answered_percent: number | null
  mean_wait_seconds: number | null
  mean_talk_seconds: number | null
  abandoned: number
  abandoned_within_5: number
  abandoned_percent: number | null
}

export type FiguresBy = 'hour' | 'half_hour' | 'day' | 'weekday'

export interface FiguresReport {
  from: string
  to: string
  by: FiguresBy
  running: boolean
  excluded_test_calls: number
  total: CallFigures
  worst_24h: { from: string; connect_percent: number; target_percent: number; alarm: boolean } | null
  rows: (CallFigures & { key: string })[]
}
