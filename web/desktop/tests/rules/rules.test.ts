// @vitest-environment happy-dom
/** The queue rules' page: steps stay in order, the drawing stays in its frame, differences are named. */
import { describe, expect, it } from 'vitest'
import { differences } from '@/rules/diff'
import { along, clock, marks } from '@/rules/scale'
import { shown } from '@/rules/shown'
import { mayAdd, withoutStep, withStep } from '@/rules/steps'
import type { QueueRules, Widening } from '@/rules/types'

const SHIPPED: Widening[] = [
  { after_seconds: 0, least_level: 1 },
  { after_seconds: 15, least_level: 0 },
]

function inOrder(steps: Widening[]): boolean {
  const starts = steps[0]?.after_seconds === 0 && steps.at(-1)?.least_level === 0
  return (
    starts &&
    steps.slice(1).every((step, at) => {
      const before = steps[at]!
      return step.after_seconds > before.after_seconds && step.least_level < before.least_level
    })
  )
}

describe('steps of widening', () => {
  it('stay in order however many are added and whichever is taken out again', () => {
    let steps = SHIPPED
    for (; mayAdd(steps); steps = withStep(steps)) expect(inOrder(steps)).toBe(true)
    expect(steps.map((step) => step.least_level)).toEqual([3, 2, 1, 0])
    for (const index of [0, 1, 2]) expect(inOrder(withoutStep(steps, index))).toBe(true)
  })

  it('begin with those who know the field when there was only everybody', () => {
    expect(withStep([{ after_seconds: 0, least_level: 0 }])).toEqual(SHIPPED)
  })

  it('are widened below an expert before they are narrowed above him', () => {
    const experts = [{ after_seconds: 0, least_level: 3 }, { after_seconds: 20, least_level: 0 }]
    expect(withStep(experts).map((step) => step.least_level)).toEqual([3, 2, 0])
  })
})

describe('the drawing of a wait', () => {
  it('runs from edge to edge without turning back, whatever the longest wait', () => {
    for (const end of [30, 60, 61, 300, 1800, 3600]) {
      const places = Array.from({ length: end + 1 }, (_, at) => along(at, end))
      expect(places[0]).toBe(0)
      expect(places[end]).toBeCloseTo(100)
      expect(places.every((place, at) => at === 0 || place > places[at - 1]!)).toBe(true)
      expect(marks(end).at(-1)).toBe(end)
    }
    expect(along(9999, 60)).toBe(100)
  })

  it('writes seconds below a minute and minutes above', () => {
    expect([45, 90, 1800].map(clock)).toEqual(['45', '1:30', '30:00'])
  })
})

describe('differences between versions', () => {
  const rules = { ring_seconds: 15, strategy: 'random', tell_wait: true, widening: SHIPPED } as QueueRules

  it('are the fields that changed and no others', () => {
    const changed = { ...rules, ring_seconds: 20, widening: withStep(SHIPPED) }
    expect(differences(rules, changed).map((each) => each.field)).toEqual(['ring_seconds', 'widening'])
    expect(differences(rules, structuredClone(rules))).toEqual([])
  })

  it('are shown in words', () => {
    expect(shown('strategy', 'random')).toBe('随机')
    expect(shown('tell_wait', true)).toBe('是')
    expect(shown('widening', SHIPPED)).toBe('0 秒 本技能会处理及以上，15 秒 全部坐席')
    expect(shown('menu_skills', { complaint: 'heating' })).toBe('2 投诉举报 供热')
    expect(shown('menu_skills', {})).toBe('无')
  })
})
