/** Makes standing alarms heard: the loudest that nobody has noted, again and again until somebody does. */
import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import type { AlarmPiece } from '@/api/wallboard'
import { useLive } from '@/live/store'
import { playLevel, soundBlocked } from '@/phone/sound'

export type Level = AlarmPiece['level']

const AGAIN_MS: Record<Level, number> = { alarm: 6_000, warning: 30_000 }

export interface Heard {
  at: number
  /** The alarms that were sounded for, as one word. */
  what: string
}

/** Return what must be heard now: at once when something new is there, otherwise after a while. Pure. */
export function toneDue(standing: readonly AlarmPiece[], now: number, heard: Heard | null): Level | null {
  const unnoted = standing.filter((alarm) => alarm.acknowledged_at === null)
  if (unnoted.length === 0) return null
  const level: Level = unnoted.some((alarm) => alarm.level === 'alarm') ? 'alarm' : 'warning'
  if (heard === null || now - heard.at >= AGAIN_MS[level]) return level
  const known = new Set(heard.what.split(' '))
  const fresh = unnoted.filter((alarm) => !known.has(name(alarm)))
  if (fresh.length === 0) return null
  return fresh.some((alarm) => alarm.level === 'alarm') ? 'alarm' : 'warning'
}

export const heardNow = (standing: readonly AlarmPiece[], now: number): Heard => ({
  at: now,
  what: standing.map(name).join(' '),
})

const name = (alarm: AlarmPiece) => `${alarm.code}@${alarm.raised_at}`

export const useAlarmSound = defineStore('alarmSound', () => {
  const live = useLive()
  const on = ref(true)
  const blocked = ref(false)
  /** How many places on the screen show alarms; with none there is no sound. */
  const shown = ref(0)
  const standing = computed(() => live.state?.alarms?.standing ?? [])
  let heard: Heard | null = null

  watch([() => live.now, standing], () => {
    if (shown.value === 0 || !on.value || live.status !== 'online') return
    const level = toneDue(standing.value, live.now, heard)
    if (level === null) return
    heard = heardNow(standing.value, live.now)
    void sound(level)
  })

  async function sound(level: Level): Promise<void> {
    await check()
    if (!blocked.value) playLevel(level)
  }

  async function check(): Promise<void> {
    blocked.value = await soundBlocked()
  }

  /** A press of the button: allow the sound if the browser wanted that, otherwise switch it. */
  async function press(): Promise<void> {
    if (blocked.value) {
      on.value = true
      await check()
      if (!blocked.value) playLevel('warning')
    } else on.value = !on.value
  }

  function show(): () => void {
    shown.value += 1
    void check()
    return () => (shown.value -= 1)
  }

  return { on, blocked, standing, check, press, show }
})
