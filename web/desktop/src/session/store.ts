/** Who is signed in, at which seat; opens and closes live connection and phone line with it. */
import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { api } from '@/api/hotline'
import { ApiError } from '@/api/http'
import type { Me, SeatLease } from '@/api/types'
import { useLive } from '@/live/store'
import { usePhone } from '@/phone/store'
import { claimTab, releaseTab, tabRole, takeOverTab } from './onlyTab'

/** The tab that takes over registers and takes the place of the call's leg within about two seconds. */
const HAND_OVER_MS = 5000
const OFFICE = ['intake', 'coordination', 'office_director', 'auditor', 'shift_leader']

export const useSession = defineStore('session', () => {
  const me = ref<Me | null>(null)
  const known = ref(false)
  const expired = ref(false)
  const live = useLive()
  const phone = usePhone()

  const has = (...roles: string[]) => me.value?.roles.some((role) => roles.includes(role)) ?? false
  const mayTakeSeat = computed(() => has('operator', 'shift_leader'))
  const mayPlan = computed(() => has('shift_leader', 'office_director'))
  const mayChangeCalendar = computed(() => has('intake', 'coordination', 'office_director'))
  /** A screen on the wall: it shows the board and nothing else. */
  const isScreen = computed(() => has('screen') && me.value?.roles.length === 1)
  const mayReadAll = computed(() => has(...OFFICE))
  /** The seat we were given. The answer to a request may come before or after the live event that says the same. */
  const seat = ref<string | null>(null)

  watch(
    () => (live.state === null ? undefined : (live.session?.seat ?? null)),
    (now, before) => {
      // Nothing known (a passive tab, signed out) is not the same as "no seat".
      if (now) seat.value = now
      else if (now === null && before) forgetSeat()
    },
  )
  // A lease may have ended while we were offline.
  watch(
    () => live.status,
    (status) => {
      if (status === 'online' && seat.value !== null && live.session === null) void checkSeat()
    },
  )

  // A passive tab neither listens nor rings. A call that the other tab takes over gets the time for that.
  watch(tabRole, (role) => {
    if (role !== 'passive') return
    live.stop()
    if (phone.hasSession) setTimeout(() => tabRole.value === 'passive' && phone.stop(), HAND_OVER_MS)
    else phone.stop()
  })

  /** Ask once per page load who we are; remembers "nobody". Offline is thrown. */
  async function discover(): Promise<Me | null> {
    if (known.value) return me.value
    try {
      await become(await api.me())
    } catch (problem) {
      if (!(problem instanceof ApiError && problem.status === 401)) throw problem
    }
    known.value = true
    return me.value
  }

  async function signIn(username: string, password: string): Promise<void> {
    await become(await api.signIn(username, password))
    known.value = true
    expired.value = false
  }

  async function become(next: Me): Promise<void> {
    me.value = next
    await claimTab(next.account_id)
    if (tabRole.value === 'active' && next.seat) await pickUpSeat()
  }

  /** Work in this tab although another one was open: that one becomes passive. */
  async function takeOver(): Promise<void> {
    if (me.value === null) return
    await takeOverTab(me.value.account_id)
    live.start()
    await pickUpSeat()
  }

  /** The live connection was lost: does the server still know us? */
  async function verify(): Promise<void> {
    try {
      await api.me()
    } catch (problem) {
      if (problem instanceof ApiError && problem.status === 401) end(true)
    }
  }

  /** After a reload: the seat is still ours, so register its phone again. */
  async function pickUpSeat(): Promise<void> {
    try {
      use(await api.mySeat())
    } catch (problem) {
      if (!(problem instanceof ApiError && problem.status === 404)) throw problem
    }
  }

  async function takeSeat(number: string): Promise<void> {
    use(await api.takeSeat(number))
  }

  function use(lease: SeatLease): void {
    seat.value = lease.session.seat
    phone.start(lease.sip)
  }

  async function checkSeat(): Promise<void> {
    try {
      await api.mySeat()
    } catch (problem) {
      if (problem instanceof ApiError && problem.status === 404) forgetSeat()
    }
  }

  async function leaveSeat(): Promise<void> {
    await api.leaveSeat()
    forgetSeat()
  }

  function forgetSeat(): void {
    phone.stop()
    seat.value = null
  }

  async function signOut(): Promise<void> {
    if (seat.value) await leaveSeat()
    await api.signOut()
    end(false)
  }

  /** The server no longer knows us (`expired`), or we left. */
  function end(wasExpired: boolean): void {
    phone.stop()
    live.stop()
    releaseTab()
    me.value = null
    seat.value = null
    expired.value = wasExpired
  }

  return {
    me,
    expired,
    seat,
    mayTakeSeat,
    mayPlan,
    mayChangeCalendar,
    mayReadAll,
    isScreen,
    discover,
    signIn,
    takeSeat,
    pickUpSeat,
    leaveSeat,
    signOut,
    takeOver,
    verify,
    end,
  }
})
