/** The form follows the call: its ticket opens when the server has made it; the address remembers which is open. */
import { watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { useLive } from '@/live/store'
import { useTicket } from '@/ticket/store'

export function useFollowedTicket(): void {
  const live = useLive()
  const ticket = useTicket()
  const route = useRoute()
  const router = useRouter()

  const asked = Number(route.query.ticket)
  if (Number.isInteger(asked) && asked > 0 && ticket.id === null) void ticket.open(asked)

  watch(
    () => (live.call && live.call.state !== 'ringing' ? live.call.ticket_id : null),
    (id) => id !== null && void ticket.open(id),
    { immediate: true },
  )
  watch(
    () => ticket.id,
    (id) => void router.replace({ query: id === null ? {} : { ticket: String(id) } }),
  )
}
