/** Known matters that look like the open draft, asked for again whenever what is compared was saved. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { api } from '@/api/hotline'
import type { Duplicate } from '@/api/types'
import { TypeAhead } from '@/shared/typeAhead'
import { compared } from './compared'
import { useTicket } from './store'

export const useDuplicates = defineStore('duplicates', () => {
  const ticket = useTicket()
  const found = shallowRef<Duplicate[]>([])
  const busy = ref(false)
  const key = computed(() => compared(ticket.ticket))

  const ahead = new TypeAhead<Duplicate[]>(
    () => (ticket.id === null ? Promise.resolve([]) : api.duplicates(ticket.id)),
    (_, list) => (found.value = list ?? []),
  )
  watch(key, (next) => ahead.want(next), { immediate: true })
  watch(
    () => ticket.id,
    () => (found.value = []),
  )

  /** The operator decides; what is decided upon is not suggested again. */
  async function decide(other: number, same: boolean): Promise<void> {
    if (busy.value) return
    busy.value = true
    const done = await ticket.change((id) => api.decideDuplicate(id, other, same))
    if (done) found.value = found.value.filter((each) => each.ticket.id !== other)
    busy.value = false
  }

  return { found, busy, decide }
})
