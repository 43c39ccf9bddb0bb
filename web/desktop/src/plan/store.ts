/** The page of the seat plan: asked for anew whenever the live plan says that something is other than before. */
import { defineStore } from 'pinia'
import { ref, watch } from 'vue'
import { useLive } from '@/live/store'
import { attempt } from '@/shared/problems'
import { requests } from './requests'
import type { Change, PlanPage } from './types'

export const usePlan = defineStore('plan', () => {
  const live = useLive()
  const page = ref<PlanPage | null>(null)
  const history = ref<Change[]>([])
  const older = ref<number | null>(null)

  async function load(): Promise<void> {
    const [next, past] = await Promise.all([requests.page(), requests.history()])
    page.value = next
    history.value = past.changes
    older.value = past.next
  }

  async function more(): Promise<void> {
    if (older.value === null) return
    const past = await requests.history(older.value)
    history.value = [...history.value, ...past.changes]
    older.value = past.next
  }

  /** Follow the plan until the returned function is called. */
  function follow(): () => void {
    void attempt(load)
    return watch(
      () => live.state?.plan,
      (plan) => plan && void attempt(load),
    )
  }

  return { page, history, older, load, more, follow }
})
