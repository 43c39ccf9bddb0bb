import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError, Offline } from '@/api/http'
import type { Ticket } from '@/api/types'
import { Autosave, type SaveStatus } from '@/ticket/autosave'
import { opened, type FieldName, type Fields } from '@/ticket/draft'
import { ticket } from '../support/ticket'

/** The server's side: versions, refusals, a second person, a network that fails when told to. */
class Server {
  stored = ticket()
  online = true
  latency = 20
  saves: Fields[] = []
  /** Every value that a field ever had. */
  history: Partial<Record<FieldName, unknown[]>> = { title: [''], street: [''], content: [''] }

  save = async (version: number, fields: Fields): Promise<Ticket> => {
    await new Promise((done) => setTimeout(done, this.latency))
    if (!this.online) throw new Offline('PATCH')
    if (!this.stored.editable) throw refusal(409, 'NOT_EDITABLE', {})
    if (version !== this.stored.version) throw refusal(409, 'TICKET_STALE', { ticket: this.stored })
    if (fields.contact_phone && fields.contact_phone.length < 7) {
      throw refusal(422, 'FIELD_REFUSED', { fields: [{ field: 'contact_phone', zh: '不是有效的电话号码', en: 'Not a number' }] })
    }
    this.saves.push(fields)
    this.store(fields)
    return this.stored
  }

  reload = async (): Promise<Ticket> => {
    if (!this.online) throw new Offline('GET')
    return this.stored
  }

  elsewhere(fields: Fields): void {
    this.store(fields)
  }

  private store(fields: Fields): void {
    this.stored = { ...this.stored, ...fields, version: this.stored.version + 1 }
    for (const name of Object.keys(this.history) as FieldName[]) this.history[name]!.push(this.stored[name])
  }
}

const refusal = (status: number, code: string, details: Record<string, unknown>) =>
  new ApiError(status, { code, zh: code, en: code, details })

let server: Server
let saver: Autosave
let status: SaveStatus
let merged: FieldName[]
let refused: string[]

function start(): void {
  server = new Server()
  status = 'saved'
  merged = []
  refused = []
  saver = new Autosave(opened(server.stored), {
    save: server.save,
    reload: server.reload,
    changed: (_, next) => (status = next),
    merged: (fields) => merged.push(...fields),
    refused: (problem) => refused.push(problem.body.code),
    focused: () => null,
  })
}

beforeEach(() => {
  vi.useFakeTimers()
  start()
})
afterEach(() => {
  saver.stop()
  vi.useRealTimers()
})

describe('autosave', () => {
  it('saves soon after the last key', async () => {
    saver.edit('title', '停水')
    expect(status).toBe('unsaved')
    await vi.advanceTimersByTimeAsync(700)
    expect(server.stored.title).toBe('停水')
    expect(status).toBe('saved')
  })

  it('is saved for everybody who waited, also when two waited for the save under way', async () => {
    saver.edit('title', '停水')
    void saver.flush()
    saver.edit('street', '学府路')
    const after = [saver.flush(), saver.flush()].map((each) => each.then(() => saver.clean))
    await vi.advanceTimersByTimeAsync(500)
    expect(await Promise.all(after)).toEqual([true, true])
  })

  it('loses at most two seconds although somebody types without a pause', async () => {
    for (let typed = 0; typed < 40; typed++) {
      saver.edit('content', 'x'.repeat(typed + 1))
      await vi.advanceTimersByTimeAsync(100)
      const behind = typed + 1 - server.stored.content.length
      expect(behind * 100).toBeLessThanOrEqual(2000)
    }
  })

  it('sends only what changed, in one request at a time', async () => {
    server.latency = 500
    saver.edit('title', 'a')
    await vi.advanceTimersByTimeAsync(650)
    saver.edit('street', 'b')
    await vi.advanceTimersByTimeAsync(3000)
    expect(server.saves).toEqual([{ title: 'a' }, { street: 'b' }])
    expect(status).toBe('saved')
  })

  it('keeps what was typed while the server is away, and saves it when it is back', async () => {
    server.online = false
    saver.edit('title', '断网时填写')
    await vi.advanceTimersByTimeAsync(5000)
    expect(status).toBe('offline')
    saver.edit('street', '建设街道')
    server.online = true
    await vi.advanceTimersByTimeAsync(12_000)
    expect(server.stored).toMatchObject({ title: '断网时填写', street: '建设街道' })
    expect(status).toBe('saved')
  })

  it('merges when somebody else was quicker in another field, and says which', async () => {
    server.elsewhere({ area: '210802' })
    saver.edit('title', '停水')
    await vi.advanceTimersByTimeAsync(1500)
    expect(server.stored).toMatchObject({ title: '停水', area: '210802' })
    expect(merged).toEqual(['area'])
    expect(status).toBe('saved')
  })

  it('asks when both wrote the same field, and overwrites nothing before the answer', async () => {
    server.elsewhere({ title: '他人' })
    saver.edit('title', '我的')
    await vi.advanceTimersByTimeAsync(3000)
    expect(status).toBe('conflict')
    expect(server.stored.title).toBe('他人')
    saver.decide('title', true)
    await vi.advanceTimersByTimeAsync(100)
    expect(server.stored.title).toBe('我的')
    expect(status).toBe('saved')
  })

  it('saves the rest although one value is refused', async () => {
    saver.edit('contact_phone', '139')
    saver.edit('title', '停水')
    await vi.advanceTimersByTimeAsync(1500)
    expect(server.stored).toMatchObject({ title: '停水', contact_phone: '' })
    expect(status).toBe('refused')
    saver.edit('contact_phone', '13900000001')
    await vi.advanceTimersByTimeAsync(1000)
    expect(server.stored.contact_phone).toBe('13900000001')
    expect(status).toBe('saved')
  })

  it('takes over the server ticket when it was submitted elsewhere, without asking again and again', async () => {
    server.elsewhere({})
    server.stored = { ...server.stored, editable: false, state: 'TO_DISPATCH' }
    saver.edit('title', '晚了')
    await vi.advanceTimersByTimeAsync(10_000)
    expect(saver.current.base.state).toBe('TO_DISPATCH')
    expect(saver.clean).toBe(true)
  })

  it('says so when saving is not allowed, and does not insist', async () => {
    const save = vi.spyOn(server, 'save').mockRejectedValue(refusal(403, 'FORBIDDEN', {}))
    saver = new Autosave(opened(server.stored), {
      save,
      reload: server.reload,
      changed: (_, next) => (status = next),
      merged: () => undefined,
      refused: (problem) => refused.push(problem.body.code),
      focused: () => null,
    })
    saver.edit('title', 'x')
    await vi.advanceTimersByTimeAsync(30_000)
    expect(refused).toEqual(['FORBIDDEN'])
    expect(save).toHaveBeenCalledTimes(1)
    expect(status).toBe('forbidden')
  })

  it('flushes at once when it is asked to', async () => {
    saver.edit('title', '马上')
    const done = saver.flush()
    await vi.advanceTimersByTimeAsync(20)
    await done
    expect(server.stored.title).toBe('马上')
  })

  it('never loses what was last typed, whatever is changed elsewhere or cut off meanwhile', async () => {
    const field = fc.constantFrom<FieldName>('title', 'street', 'content')
    const step = fc.oneof(
      fc.record({ kind: fc.constant('type' as const), field, text: fc.string({ maxLength: 4 }) }),
      fc.record({ kind: fc.constant('elsewhere' as const), field, text: fc.string({ maxLength: 4 }) }),
      fc.record({ kind: fc.constant('wait' as const), ms: fc.nat({ max: 2500 }) }),
      fc.record({ kind: fc.constant('network' as const), online: fc.boolean() }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        start()
        const typed = new Map<FieldName, string>()
        for (const one of steps) {
          if (one.kind === 'type') {
            saver.edit(one.field, one.text)
            typed.set(one.field, one.text)
          } else if (one.kind === 'elsewhere') server.elsewhere({ [one.field]: one.text })
          else if (one.kind === 'network') server.online = one.online
          else await vi.advanceTimersByTimeAsync(one.ms)
        }
        server.online = true
        await vi.advanceTimersByTimeAsync(40_000)
        // Deciding may meet yet another change of somebody else, and is asked again.
        while (saver.current.conflicts.length > 0) {
          for (const name of saver.current.conflicts) saver.decide(name, true)
          await vi.advanceTimersByTimeAsync(40_000)
        }
        expect(saver.clean).toBe(true)
        for (const [name, text] of typed) expect(server.history[name]).toContain(text)
        saver.stop()
      }),
      { numRuns: 150 },
    )
  })
})
