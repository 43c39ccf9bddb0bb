/** The one store of live state; only `apply` and snapshots write to it. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { apply } from './apply'
import { ServerClock } from './clock'
import { LiveConnection, type LinkStatus } from './connection'
import type { EventFrame, LiveState, Notice, TicketHint } from './state'
import { startTicker } from './ticker'

export const useLive = defineStore('live', () => {
  const status = ref<LinkStatus>('closed')
  const state = shallowRef<LiveState | null>(null)
  const now = ref(Date.now())
  const roundTrip = ref<number | null>(null)
  const clock = new ServerClock()
  const noticeListeners = new Set<(notice: Notice) => void>()
  const ticketListeners = new Set<(hint: TicketHint) => void>()

  const connection = new LiveConnection({
    url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/live`,
    listener: {
      status: (next) => (status.value = next),
      snapshot: (next) => (state.value = next),
      event: take,
      serverTime: (iso, received, sent) => {
        clock.add(iso, received, sent)
        roundTrip.value = clock.roundTrip
      },
    },
  })
  let stopTicker: (() => void) | null = null

  function start(): void {
    stopTicker ??= startTicker(beat)
    window.addEventListener('online', hurry)
    connection.start()
  }

  function stop(): void {
    stopTicker?.()
    stopTicker = null
    window.removeEventListener('online', hurry)
    connection.stop()
    state.value = null
  }

  function beat(): void {
    now.value = Date.now() + clock.offset
    connection.tick()
  }

  function hurry(): void {
    connection.hurry()
  }

  function take(frame: EventFrame): void {
    if (frame.name === 'notice') noticeListeners.forEach((hear) => hear(frame.data as Notice))
    else if (frame.name === 'ticket') ticketListeners.forEach((hear) => hear(frame.data as TicketHint))
    else if (state.value !== null) state.value = apply(state.value, frame)
  }

  return {
    status,
    state,
    now,
    roundTrip,
    session: computed(() => state.value?.session ?? null),
    call: computed(() => state.value?.call ?? null),
    pop: computed(() => state.value?.pop ?? null),
    monitor: computed(() => state.value?.monitor ?? null),
    surge: computed(() => state.value?.surge ?? null),
    waiting: computed(() => state.value?.queue.waiting ?? []),
    figures: computed(() => state.value?.figures ?? null),
    switchUp: computed(() => state.value?.switch.up ?? true),
    start,
    stop,
    hurry,
    ack: (popId: string) => connection.ack(popId),
    onNotice: (hear: (notice: Notice) => void) => subscribe(noticeListeners, hear),
    onTicket: (hear: (hint: TicketHint) => void) => subscribe(ticketListeners, hear),
  }
})

function subscribe<T>(listeners: Set<T>, hear: T): () => void {
  listeners.add(hear)
  return () => listeners.delete(hear)
}
