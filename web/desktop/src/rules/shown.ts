/** A value of the rules as a person reads it. */
import { T } from '@/texts'
import type { QueueRules, Skill, Widening } from './types'

export function shown(field: keyof QueueRules, value: unknown): string {
  const text = T.value.rules
  switch (field) {
    case 'strategy':
      return text.strategies[value as QueueRules['strategy']]
    case 'after_longest_wait':
    case 'unstaffed':
      return text.endings[value as QueueRules['unstaffed']]
    case 'widening':
      return (value as Widening[])
        .map((step) => `${step.after_seconds} ${text.units.second} ${text.levels[step.least_level]}`)
        .join(text.versions.and)
    case 'menu_skills': {
      const pairs = Object.entries(value as Record<string, Skill>)
      return pairs.map(([menu, skill]) => `${text.menus[menu] ?? menu} ${text.skillNames[skill]}`).join(text.versions.and) || text.versions.none
    }
    case 'overflow_number':
      return (value as string) || text.versions.none
    default:
      if (typeof value === 'boolean') return value ? text.versions.yes : text.versions.no
      return String(value)
  }
}
