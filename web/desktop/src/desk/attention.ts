/** A ringing seat is seen in the tab's title too, when another window is in front; the desk comes back by itself. */
import { onUnmounted, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { useLive } from '@/live/store'
import { T } from '@/texts'

export function useAttention(): void {
  const live = useLive()
  const route = useRoute()
  const router = useRouter()
  const plain = () => `${T.value.app.name} ${T.value.app.title}`

  watch(
    () => (live.call?.state === 'ringing' ? live.call.caller_masked || '?' : null),
    (caller) => {
      document.title = caller === null ? plain() : `☎ ${T.value.call.ringing} ${caller}`
      if (caller !== null && route.name !== 'desk') void router.push({ name: 'desk' })
    },
    { immediate: true },
  )
  onUnmounted(() => (document.title = plain()))
}
