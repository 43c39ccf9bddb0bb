/** How the figures are written in the table. Pure. */
import type { CallFigures, FiguresBy } from './types'

type Numeric = Exclude<keyof CallFigures, 'answered_within_15'>

export interface Column {
  key: Numeric
  kind: 'count' | 'percent' | 'seconds'
}

export const COLUMNS: readonly Column[] = [
  { key: 'offered', kind: 'count' },
  { key: 'ivr_hang_ups', kind: 'count' },
  { key: 'blacklisted', kind: 'count' },
  { key: 'queued', kind: 'count' },
  { key: 'answered', kind: 'count' },
  { key: 'connect_percent', kind: 'percent' },
  { key: 'total_connect_percent', kind: 'percent' },
  { key: 'within_15_percent', kind: 'percent' },
  { key: 'within_15_of_answered_percent', kind: 'percent' },
  { key: 'mean_wait_seconds', kind: 'seconds' },
  { key: 'mean_talk_seconds', kind: 'seconds' },
  { key: 'abandoned', kind: 'count' },
  { key: 'abandoned_within_5', kind: 'count' },
  { key: 'abandoned_percent', kind: 'percent' },
]

/** A count, a percentage to two decimals, seconds to one; a dash where there is nothing to divide by. */
export function cell(figures: CallFigures, column: Column, seconds = (n: string) => n): string {
  const value = figures[column.key]
  if (value === null) return '—'
  if (column.kind === 'percent') return `${value.toFixed(2)}%`
  return column.kind === 'seconds' ? seconds(value.toFixed(1)) : String(value)
}

export function rowName(by: FiguresBy, key: string, weekdays: readonly string[]): string {
  if (by === 'weekday') return weekdays[Number(key) - 1] ?? key
  if (by === 'day') return key
  const minutes = Number(key.slice(0, 2)) * 60 + Number(key.slice(3)) + (by === 'hour' ? 60 : 30)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${key}–${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}
