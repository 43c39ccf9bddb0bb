/** What a shift leader does on the floor: his telephone, his session beside a call, orders, the waiting line. */
import { ElMessage, ElMessageBox } from 'element-plus'
import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { api } from '@/api/hotline'
import type { MonitorMode } from '@/api/floorTypes'
import { useLive } from '@/live/store'
import { usePhone } from '@/phone/store'
import { useSession } from '@/session/store'
import { attempt } from '@/shared/problems'
import { T } from '@/texts'

const REGISTER_WITHIN_MS = 8000

export const useFloor = defineStore('floor', () => {
  const live = useLive()
  const phone = usePhone()
  const session = useSession()
  /** The seat whose button was pressed and has not been answered yet. */
  const asking = ref('')
  const monitor = computed(() => live.monitor)
  /** The caller we took over: the talk goes on although a reload has ended the session's own leg. */
  const talking = computed(() => monitor.value?.mode === 'take_over' || (!session.seat && !monitor.value && phone.session === 'active'))

  /** Have a telephone: at a seat that of the seat, otherwise one lent to us. */
  async function ready(): Promise<boolean> {
    if (!session.seat && phone.registration === 'off') {
      const lent = await attempt(() => api.floorPhone())
      if (lent === undefined) return false
      phone.start(lent.sip)
    }
    return registered()
  }

  function registered(): Promise<boolean> {
    if (phone.registration === 'registered') return Promise.resolve(true)
    return new Promise((done) => {
      const timer = setTimeout(() => finish(false), REGISTER_WITHIN_MS)
      const unwatch = watch(
        () => phone.registration,
        (now) => now === 'registered' && finish(true),
      )
      function finish(is: boolean): void {
        unwatch()
        clearTimeout(timer)
        done(is)
      }
    })
  }

  /** Begin a session at a seat; at the seat where one is under way, go on in another mode. */
  async function join(seat: string, mode: MonitorMode): Promise<void> {
    if (asking.value) return
    if (monitor.value?.seat === seat) return change(mode)
    asking.value = seat
    try {
      if (!(await ready())) {
        ElMessage.error(T.value.banner.phoneFailed)
        return
      }
      phone.wantToHear(true)
      await attempt(() => api.beginMonitor(seat, mode))
    } finally {
      phone.wantToHear(false)
      asking.value = ''
    }
  }

  async function change(mode: MonitorMode): Promise<void> {
    const now = monitor.value
    if (now === null || now.mode === mode) return
    if (mode === 'take_over' && !(await sure(T.value.floor.takeOverConfirm(now.agent_name)))) return
    await attempt(() => api.changeMonitor(now.id, mode))
  }

  async function stop(): Promise<void> {
    if (talking.value && !(await sure(T.value.floor.stillTalking))) return
    const now = monitor.value
    if (now === null) phone.end()
    else await attempt(() => api.endMonitor(now.id))
  }

  async function moveUp(callId: string, to: 'head' | 'up'): Promise<void> {
    const moved = await attempt(() => api.moveUp(callId, to))
    if (moved) ElMessage.success(T.value.floor.moved(moved.position))
  }

  async function sure(question: string): Promise<boolean> {
    return ElMessageBox.confirm(question, { type: 'warning' }).then(
      () => true,
      () => false,
    )
  }

  watch(
    () => monitor.value?.mode,
    (mode) => mode === 'take_over' && phone.takenOver(),
  )

  return { asking, monitor, talking, ready, join, change, stop, moveUp, sure }
})
