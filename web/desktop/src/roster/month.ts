/** The month on the screen: what the server said last. Edits go one after the other, each on the revision before. */
import { computed, ref, shallowRef } from 'vue'
import { ApiError } from '@/api/http'
import { attempt, complain } from '@/shared/problems'
import { indexOf } from './grid'
import { rosterApi } from './requests'
import type { Cell, Month } from './types'

export function useMonth() {
  const month = shallowRef<Month | null>(null)
  const busy = ref(false)
  let line: Promise<unknown> = Promise.resolve()
  let asked = 0

  const index = computed(() => (month.value === null ? null : indexOf(month.value)))
  const revision = computed(() => (month.value?.version?.state === 'draft' ? month.value.version.revision : null))

  async function load(name: string, version?: 'draft' | 'published'): Promise<void> {
    const mine = ++asked
    const found = await attempt(() => rosterApi.month(name, version))
    if (found && mine === asked) month.value = found
  }

  /** Do `work` after all that was begun before; take the month that it returns. A stale screen is renewed. */
  function change(work: (month: Month, revision: number | null) => Promise<Month>): Promise<boolean> {
    const turn = line.then(async () => {
      if (month.value === null) return false
      busy.value = true
      try {
        // The draft may exist though the published version is shown.
        if (revision.value === null && month.value.has_draft) await load(month.value.month, 'draft')
        month.value = await work(month.value, revision.value)
        return true
      } catch (problem) {
        complain(problem)
        if (problem instanceof ApiError && problem.body.code === 'ROSTER_CHANGED') await load(month.value.month)
        return false
      } finally {
        busy.value = false
      }
    })
    line = turn
    return turn
  }

  const put = (cells: Cell[]) => change((now, at) => rosterApi.setCells(now.month, at, cells))

  return { month, index, revision, busy, load, change, put }
}

export type MonthOnScreen = ReturnType<typeof useMonth>
