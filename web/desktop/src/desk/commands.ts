/** What an operator does to calls and to the own state: one set of commands for buttons and shortcuts. */
import { ElMessage } from 'element-plus'
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { api } from '@/api/hotline'
import { useLive } from '@/live/store'
import { usePhone } from '@/phone/store'
import { attempt } from '@/shared/problems'
import { T } from '@/texts'

export const useCommands = defineStore('commands', () => {
  const live = useLive()
  const phone = usePhone()
  const keypadOpen = ref(false)
  const pauseMenuOpen = ref(false)
  const helpOpen = ref(false)
  const busy = ref('')

  const inCall = computed(() => live.call !== null && live.call.state !== 'ended')
  /** The server sees a call at our seat, but this page has no sound for it: it was reloaded. */
  const mediaLost = computed(() => inCall.value && live.call?.state !== 'ringing' && !phone.hasSession)
  const canAnswer = computed(() => phone.session === 'incoming')
  /** Whoever took the call owns it until the emergency desk has answered: then hanging up hands the caller over. */
  const desk = computed(() => (inCall.value ? (live.call?.desk ?? null) : null))
  const canHangUp = computed(() => (phone.hasSession || inCall.value) && desk.value?.state !== 'dialling')
  const canCallEmergency = computed(
    () => inCall.value && live.call?.state !== 'ringing' && (desk.value === null || desk.value.state === 'failed'),
  )
  const canHold = computed(() => phone.session === 'active' && inCall.value)
  const canMute = computed(() => phone.session === 'active')

  function answer(): void {
    if (canAnswer.value) phone.answer()
  }

  /** End what this page holds; without sound here, ask the server to end the call. */
  async function hangUp(): Promise<void> {
    if (desk.value?.state === 'dialling') return
    if (desk.value?.state === 'reached') return void handOver()
    if (phone.end()) return
    const call = live.call
    if (call && call.state !== 'ended' && call.state !== 'ringing') {
      await once('hangUp', () => api.hangUp(call.call_id))
    }
  }

  async function callEmergency(number: string): Promise<void> {
    const call = live.call
    if (call && canCallEmergency.value) await once('emergency', () => api.callEmergency(call.call_id, number))
  }

  async function handOver(): Promise<void> {
    const call = live.call
    if (call) await once('handOver', () => api.handOver(call.call_id))
  }

  async function withdrawEmergency(): Promise<void> {
    const call = live.call
    if (call) await once('withdraw', () => api.withdrawEmergency(call.call_id))
  }

  function toggleHold(): void {
    if (canHold.value) phone.hold(live.call?.state !== 'held')
  }

  function toggleMute(): void {
    if (canMute.value) phone.setMuted(!phone.muted)
  }

  const setReady = () => once('ready', () => api.setReady())

  async function pause(reason: string): Promise<void> {
    const during = inCall.value || live.session?.state === 'wrap_up'
    const done = await once('pause', () => api.setNotReady(reason))
    if (done && during && live.session?.state !== 'wrap_up') ElMessage.info(T.value.state.pauseNoted)
  }

  function toggleReady(): void {
    const state = live.session?.state
    if (state === 'not_ready' || state === 'wrap_up') void setReady()
    else if (state !== undefined) pauseMenuOpen.value = !pauseMenuOpen.value
  }

  const extend = () => once('extend', () => api.extendWrapUp())

  /** One request of a kind at a time: a second press while the first is under way does nothing. */
  async function once<R>(name: string, work: () => Promise<R>): Promise<boolean> {
    if (busy.value === name) return false
    busy.value = name
    let done = false
    await attempt(async () => {
      await work()
      done = true
    })
    busy.value = ''
    return done
  }

  return {
    keypadOpen,
    pauseMenuOpen,
    helpOpen,
    busy,
    inCall,
    mediaLost,
    canAnswer,
    canHangUp,
    canHold,
    canMute,
    desk,
    canCallEmergency,
    callEmergency,
    handOver,
    withdrawEmergency,
    answer,
    hangUp,
    toggleHold,
    toggleMute,
    setReady,
    pause,
    toggleReady,
    extend,
  }
})
