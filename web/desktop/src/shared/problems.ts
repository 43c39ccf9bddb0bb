/** Shows refusals and notices in the language of the screen. */
import { ElMessage } from 'element-plus'
import { ApiError, Offline } from '@/api/http'
import { pick, T } from '@/texts'

export function explain(problem: unknown): string {
  if (problem instanceof ApiError) return pick(problem.body) || T.value.common.failed
  if (problem instanceof Offline) return T.value.common.offline
  return T.value.common.failed
}

export function complain(problem: unknown): void {
  ElMessage({ type: 'error', message: explain(problem), duration: 5000, showClose: true, grouping: true })
}

/** Run `work`; show what was refused. Returns undefined then. */
export async function attempt<R>(work: () => Promise<R>): Promise<R | undefined> {
  try {
    return await work()
  } catch (problem) {
    complain(problem)
    return undefined
  }
}
