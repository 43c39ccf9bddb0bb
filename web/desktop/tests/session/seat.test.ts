// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { api } from '@/api/hotline'
import { ApiError } from '@/api/http'
import type { Me, SeatLease, Session } from '@/api/types'
import { useLive } from '@/live/store'
import { usePhone } from '@/phone/store'
import { useSession } from '@/session/store'
import { emptyState, NOW } from '../support/live'
import { FakeSocket } from '../support/socket'

const held: Session = {
  seat: '03',
  endpoint: 'seat03',
  state: 'not_ready',
  reason: 'sign_in',
  since: NOW,
  deadline: null,
  extended: false,
  call_id: null,
  device_reachable: true,
  pause_wished: '',
  ordered: '',
  ordered_by: '',
  ordered_why: '',
}
const lease: SeatLease = {
  session: held,
  sip: { ws_url: 'ws://switch/ws', uri: 'sip:seat03@hotline', username: 'seat03', password: 'x', realm: '', ice_servers: [] },
}
const me: Me = { account_id: 1, username: 'op01', display_name: '林小雨', roles: ['operator'], seat: null, demo: true }

let sockets: FakeSocket[]
const socket = () => sockets.at(-1)!
const snapshot = (session: Session | null) =>
  socket().say({ type: 'snapshot', stream: 's', seq: 0, state: { ...emptyState(), session } })

beforeEach(async () => {
  sockets = []
  globalThis.WebSocket = class extends FakeSocket {
    constructor(url: string) {
      super(url)
      sockets.push(this)
    }
  } as unknown as typeof WebSocket
  setActivePinia(createPinia())
  vi.restoreAllMocks()
  vi.spyOn(api, 'signIn').mockResolvedValue(me)
  vi.spyOn(api, 'takeSeat').mockResolvedValue(lease)
  vi.spyOn(usePhone(), 'start').mockReturnValue(undefined)
  vi.spyOn(usePhone(), 'stop').mockReturnValue(undefined)
  await useSession().signIn('op01', 'secret')
  useLive().start()
  socket().accept()
})

describe('my seat', () => {
  it('is mine as soon as the server has given it, before the live connection says so', async () => {
    snapshot(null)
    await useSession().takeSeat('03')
    expect(useSession().seat).toBe('03')
    socket().say({ type: 'event', seq: 1, name: 'session', data: held, at: NOW })
    await nextTick()
    expect(useSession().seat).toBe('03')
  })

  it('is known from the live connection after a reload', async () => {
    snapshot(held)
    await nextTick()
    expect(useSession().seat).toBe('03')
  })

  it('is no longer mine when the server takes it back', async () => {
    snapshot(held)
    await nextTick()
    socket().say({ type: 'event', seq: 1, name: 'session', data: null, at: NOW })
    await nextTick()
    expect(useSession().seat).toBeNull()
  })

  it('is not given up when this tab stops listening: another one may be taking the call over', async () => {
    const stopped = vi.spyOn(usePhone(), 'stop')
    snapshot(held)
    await nextTick()
    useLive().stop()
    await nextTick()
    expect(stopped).not.toHaveBeenCalled()
  })

  it('is asked for after a time without connection', async () => {
    const gone = new ApiError(404, { code: 'NOT_AT_A_SEAT', zh: '', en: '', details: {} })
    const asked = vi.spyOn(api, 'mySeat').mockRejectedValue(gone)
    await useSession().takeSeat('03')
    snapshot(null)
    await vi.waitFor(() => expect(useSession().seat).toBeNull())
    expect(asked).toHaveBeenCalled()
  })
})
