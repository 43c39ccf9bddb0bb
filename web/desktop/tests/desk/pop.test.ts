// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import type { Pop } from '@/api/types'
import PopPanel from '@/desk/PopPanel.vue'
import { useLive } from '@/live/store'
import { emptyState, NOW } from '../support/live'
import { FakeSocket } from '../support/socket'

const pop: Pop = {
  pop_id: 'c1:03:1',
  call_id: 'c1',
  seat: '03',
  attempt: 1,
  caller: '13900000001',
  caller_masked: '139****0001',
  caller_place: '辽宁营口',
  dnid: '8890',
  hotline_name: '便民服务热线',
  menu: 'complaint',
  emergency: true,
  waited_seconds: 12.4,
  known_name: '刘女士',
  repeat: true,
  last_calls: [
    {
      call_id: 'c0',
      started_at: NOW,
      outcome: 'abandoned_in_queue',
      agent_name: '',
      waited_seconds: 9,
      talk_seconds: 0,
      dnid: '12345',
      caller_masked: '139****0001',
      ticket_id: null,
    },
  ],
  open_tickets: [
    { id: 7, number: '1', state: 'HANDLING', state_name: '办理中', title: '停水', category_name: '停水', opened_at: NOW },
  ],
  key_matters: [{ title: '建设街连日停水', ticket_id: 7 }],
  knowledge: [{ id: 1, title: '计划停水公告' }],
  ticket_id: null,
  offered_at: NOW,
}

let sockets: FakeSocket[]

beforeEach(() => {
  sockets = []
  globalThis.WebSocket = class extends FakeSocket {
    constructor(url: string) {
      super(url)
      sockets.push(this)
    }
  } as unknown as typeof WebSocket
  setActivePinia(createPinia())
})

const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))
const acks = () => sockets.flatMap((socket) => socket.sent).filter((frame) => frame.type === 'ack')

async function connect(): Promise<void> {
  sockets.at(-1)!.accept()
  sockets.at(-1)!.say({ type: 'snapshot', stream: 's', seq: sockets.length, state: { ...emptyState(), pop } })
  await nextTick()
}

describe('the screen-pop', () => {
  it('shows all that is known of the caller', async () => {
    useLive().start()
    await connect()
    const panel = mount(PopPanel)
    for (const text of ['刘女士', '辽宁营口', '8890 便民服务热线', '2 投诉举报', '12 秒', '紧急来电', '重复来电']) {
      expect(panel.text()).toContain(text)
    }
    for (const text of ['停水', '办理中', '排队中挂断', '建设街连日停水', '计划停水公告']) {
      expect(panel.text()).toContain(text)
    }
    expect(panel.get('[data-testid=pop]').attributes('data-pop-id')).toBe(pop.pop_id)
    useLive().stop()
    panel.unmount()
  })

  it('is acknowledged once when it is on the screen, and again after a reconnect', async () => {
    const live = useLive()
    live.start()
    const panel = mount(PopPanel)
    await connect()
    await drawn()
    expect(acks()).toEqual([{ type: 'ack', pop_id: pop.pop_id }])
    sockets.at(-1)!.drop()
    await nextTick()
    live.hurry()
    await connect()
    await drawn()
    expect(acks()).toHaveLength(2)
    live.stop()
    panel.unmount()
  })

  it('is not acknowledged while nothing draws it', async () => {
    useLive().start()
    await connect()
    await drawn()
    expect(acks()).toEqual([])
    useLive().stop()
  })
})
