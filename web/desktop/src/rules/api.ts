/** The requests of the queue rules' page. */
import { get, post, put, remove } from '@/api/http'
import type {
  AgentSkills,
  DrawnCaller,
  ElderlyNumber,
  QueueRules,
  RuleProblem,
  RulesOverview,
  Skill,
  TimelineStep,
} from './types'

const ROOT = '/api/queue-rules'

export const rulesApi = {
  overview: () => get<RulesOverview>(ROOT),
  preview: (rules: QueueRules, caller: DrawnCaller) =>
    post<{ problems: RuleProblem[]; timeline: TimelineStep[] }>(`${ROOT}/preview`, { rules, caller }),
  apply: (rules: QueueRules, reason: string, based_on: number) =>
    put<{ version: number }>(ROOT, { rules, reason, based_on }),
  restore: (version: number, reason: string, based_on: number) =>
    post<{ version: number }>(`${ROOT}/versions/${version}/restoration`, { reason, based_on }),
  skills: () => get<AgentSkills[]>(`${ROOT}/skills`),
  setSkills: (accountId: number, skills: Partial<Record<Skill, number>>) =>
    put<void>(`${ROOT}/skills/${accountId}`, { skills }),
  elderly: () => get<ElderlyNumber[]>(`${ROOT}/elderly`),
  addElderly: (number: string, note: string) => post<ElderlyNumber>(`${ROOT}/elderly`, { number, note }),
  removeElderly: (id: number) => remove(`${ROOT}/elderly/${id}`),
}
