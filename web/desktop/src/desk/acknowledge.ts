/** Tells the server that a pop is on the screen: drawn, and in a tab that can be seen. Until then it comes again. */
import { nextTick, onUnmounted, watch } from 'vue'
import { useLive } from '@/live/store'

export function useAcknowledgement(popId: () => string | null): void {
  const live = useLive()
  let waiting: string | null = null
  let done: string | null = null

  async function drawn(id: string): Promise<void> {
    await nextTick()
    requestAnimationFrame(() => {
      if (waiting === id && id !== done && live.ack(id)) done = id
    })
  }

  function tell(): void {
    if (waiting !== null && document.visibilityState === 'visible') void drawn(waiting)
  }

  watch(
    // Again after a reconnect: an acknowledgement may have been lost with the old socket.
    () => [popId(), live.status] as const,
    ([id, status], before) => {
      if (status === 'online' && before?.[1] !== 'online') done = null
      waiting = id
      tell()
    },
    { immediate: true },
  )
  document.addEventListener('visibilitychange', tell)
  onUnmounted(() => document.removeEventListener('visibilitychange', tell))
}
