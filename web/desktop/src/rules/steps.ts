/** Adding and removing a step so that the rest stays in order: later, and reaching further. */
import type { Widening } from './types'

const DEFAULT_LAST = 15

/** Put in a step with a level that is not used yet: further than the others if there is one, else narrower than all. */
export function withStep(steps: readonly Widening[]): Widening[] {
  const kept = steps.filter((step) => step.least_level > 0)
  const everybody = Math.max(steps.at(-1)?.after_seconds ?? 0, kept.at(-1)?.after_seconds ?? 0) || DEFAULT_LAST
  const last = { after_seconds: everybody, least_level: 0 }
  const first = kept[0]
  const widest = kept.at(-1)
  if (first === undefined || widest === undefined) return [{ after_seconds: 0, least_level: 1 }, last]
  if (widest.least_level > 1) {
    return [...kept, { after_seconds: between(widest, last), least_level: widest.least_level - 1 }, last]
  }
  const narrower = { after_seconds: 0, least_level: first.least_level + 1 }
  return [narrower, { ...first, after_seconds: between(first, kept[1] ?? last) }, ...kept.slice(1), last]
}

/** Take a step out; the first one begins at 0. */
export function withoutStep(steps: readonly Widening[], index: number): Widening[] {
  return steps.filter((_, at) => at !== index).map((step, at) => (at === 0 ? { ...step, after_seconds: 0 } : step))
}

/** Every step but the last may have its level; one more is possible while a level is free. */
export function mayAdd(steps: readonly Widening[]): boolean {
  return steps.length < 4 && !(steps[0]?.least_level === 3 && steps.at(-2)?.least_level === 1)
}

function between(a: Widening, b: Widening): number {
  return Math.ceil((a.after_seconds + b.after_seconds) / 2)
}
