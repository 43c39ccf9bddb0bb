/** The queue rules as the server tells them (seats/rules_schemas.py). */
export type Skill = 'general' | 'water' | 'transport' | 'heating' | 'hotline' | 'language'
export type Ending = 'message' | 'overflow'
export type Kind = 'ordinary' | 'elderly' | 'promised' | 'redial' | 'emergency'

export interface Widening {
  after_seconds: number
  /** 3 … 1: seats of the skill with this level or more; 0: everybody. */
  least_level: number
}

export interface QueueRules {
  strategy: 'leastrecent' | 'fewestcalls' | 'rrmemory' | 'random'
  ring_seconds: number
  retry_seconds: number
  wrap_up_net_seconds: number
  small_team: number
  widening: Widening[]
  menu_skills: Record<string, Skill>
  elderly_priority: number
  promised_priority: number
  redial_minutes: number
  longest_wait_seconds: number
  after_longest_wait: Ending
  unstaffed: Ending
  overflow_number: string
  overflow_ring_seconds: number
  tell_position: boolean
  tell_wait: boolean
  comfort_seconds: number
}

export interface RulesVersion {
  version: number
  rules: QueueRules
  reason: string
  by_name: string
  at: string
  restores: number | null
  state: 'applying' | 'applied' | 'refused'
  refusal: { zh?: string; en?: string }
}

export interface RulesOverview {
  version: number
  rules: QueueRules
  /** Version 0. */
  shipped: QueueRules
  versions: RulesVersion[]
  limits: Record<string, [number, number]>
  skills: Skill[]
  duty_mobiles: string[]
  own_switch: boolean
}

export interface RuleProblem {
  field: string
  code: string
  zh: string
  en: string
}

export interface TimelineStep {
  at: number
  until: number | null
  what: 'joins' | 'told' | 'offered' | 'comfort' | 'limit' | 'alarm' | 'overflow' | 'message'
  seats: number | null
  zh: string
  en: string
}

/** Whose wait is drawn. */
export interface DrawnCaller {
  skill: Skill
  kind: Kind
  seats: number
  of_skill: Record<string, number>
}

export interface AgentSkills {
  account_id: number
  name: string
  work_number: string
  home_company: string
  skills: Partial<Record<Skill, number>>
  seat: string
  stands_for: Skill | null
}

export interface ElderlyNumber {
  id: number
  masked: string
  note: string
  added_at: string
}
