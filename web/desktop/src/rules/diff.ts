/** What differs between two versions of the rules, field by field. */
import type { QueueRules } from './types'

export interface Difference {
  field: keyof QueueRules
  before: unknown
  after: unknown
}

export function differences(before: QueueRules, after: QueueRules): Difference[] {
  return (Object.keys(after) as (keyof QueueRules)[])
    .filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
    .map((field) => ({ field, before: before[field], after: after[field] }))
}
