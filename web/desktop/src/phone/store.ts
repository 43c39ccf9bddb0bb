/** The softphone as the pages see it. The state of the *call* comes from the server; this is the line and the sound. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import type { SipAccount } from '@/api/types'
import { useLive } from '@/live/store'
import { audio } from './devices'
import type { KeptDialog } from './keptDialog'
import { Line, type Registration } from './line'
import { readQuality, UNKNOWN, type Quality, type Totals } from './quality'
import { ringWithPop } from './ringWithPop'
import { soundBlocked, startRinging, stopRinging } from './sound'

/** `resuming`: the page was reloaded during a call and takes it up again. */
export type SessionState = 'none' | 'incoming' | 'answering' | 'resuming' | 'active'

const MEASURE_EVERY_MS = 2000

export const usePhone = defineStore('phone', () => {
  const registration = ref<Registration>('off')
  const registrationCause = ref('')
  const session = ref<SessionState>('none')
  const muted = ref(false)
  const microphoneFailed = ref(false)
  const blocked = ref(false)
  const quality = ref<Quality>(UNKNOWN)
  const remote = shallowRef<MediaStream | null>(null)
  const live = useLive()
  /** A shift leader has asked for a session and waits for its call. */
  let wantsToHear = false
  let callOffRing: (() => void) | null = null
  /** How the call was that is taken up again. */
  let before: KeptDialog | null = null
  let connection: RTCPeerConnection | null = null
  let totals: Totals | null = null
  let measuring: ReturnType<typeof setInterval> | null = null

  const line = new Line({
    registration(status, cause) {
      registration.value = status
      registrationCause.value = cause
    },
    incoming(callId, monitor) {
      reset()
      if (monitor !== '') {
        hearOrRefuse()
        return
      }
      callOffRing = ringWithPop(callId, () => live.pop?.call_id ?? null, ring)
    },
    callingBack() {
      reset()
      session.value = 'incoming'
      answer()
    },
    resuming(left) {
      reset()
      session.value = 'resuming'
      before = left
    },
    accepted: stopRinging,
    confirmed() {
      session.value = 'active'
      if (before?.muted) setMuted(true)
      if (before?.held) line.hold(true)
      before = null
    },
    media(made) {
      if (measuring !== null) clearInterval(measuring)
      connection = made
      made.addEventListener('track', (event) => {
        remote.value = event.streams[0] ?? new MediaStream([event.track])
      })
      measuring = setInterval(() => void measure(), MEASURE_EVERY_MS)
    },
    ended: reset,
    microphoneFailed: () => (microphoneFailed.value = true),
  })

  /** The hotline calls because of a click on this page a moment ago; any other such call is not wanted. */
  function hearOrRefuse(): void {
    if (!wantsToHear) {
      line.end()
      return
    }
    wantsToHear = false
    session.value = 'answering'
    microphoneFailed.value = false
    line.answer()
  }

  function ring(): void {
    session.value = 'incoming'
    startRinging()
    void checkSound()
  }

  function reset(): void {
    callOffRing?.()
    callOffRing = null
    stopRinging()
    if (measuring !== null) clearInterval(measuring)
    measuring = null
    connection = null
    totals = null
    remote.value = null
    quality.value = UNKNOWN
    muted.value = false
    session.value = 'none'
  }

  async function measure(): Promise<void> {
    if (connection === null) return
    const reports: { type: string }[] = []
    ;(await connection.getStats()).forEach((report: { type: string }) => reports.push(report))
    const reading = readQuality(reports, totals)
    quality.value = reading.quality
    totals = reading.totals
  }

  async function checkSound(): Promise<void> {
    blocked.value = await soundBlocked()
  }

  function answer(): void {
    if (session.value !== 'incoming') return
    session.value = 'answering'
    microphoneFailed.value = false
    stopRinging()
    line.answer()
  }

  function setMuted(on: boolean): void {
    muted.value = on
    line.mute(on)
  }

  // The call that we meant to take up again ended before we could.
  watch(
    () => live.status === 'online' && !['talking', 'held'].includes(live.call?.state ?? ''),
    (over) => over && session.value === 'resuming' && reset(),
  )
  // A slip on F5 or on the tab's cross: the browser asks first.
  window.addEventListener('beforeunload', (event) => session.value !== 'none' && event.preventDefault())

  // Browsers keep a reloaded page silent until it is touched: the first touch anywhere brings the ring back.
  const touched = () => void (blocked.value && checkSound())
  window.addEventListener('pointerdown', touched)
  window.addEventListener('keydown', touched)

  watch(
    () => audio.input,
    () => void line.replaceMicrophone(),
  )

  return {
    registration,
    registrationCause,
    session,
    muted,
    microphoneFailed,
    blocked,
    quality,
    remote,
    hasSession: computed(() => session.value !== 'none'),
    start(account: SipAccount) {
      line.start(account)
      void checkSound()
    },
    stop() {
      reset()
      line.stop()
    },
    answer,
    wantToHear: (wanted: boolean) => void (wantsToHear = wanted),
    takenOver: () => line.takenOver(),
    end: () => line.end(),
    hold: (on: boolean) => line.hold(on),
    setMuted,
    sendDigit: (digit: string) => line.sendDigit(digit),
    checkSound,
  }
})
