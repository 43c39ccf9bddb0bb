/** Saves a draft continuously: soon after the last key, at the latest every 1.5 s, again and again while offline. */
import { ApiError, Offline } from '@/api/http'
import type { Ticket, TicketFields } from '@/api/types'
import { backoff } from '@/live/backoff'
import * as draft from './draft'

export type SaveStatus = 'saved' | 'unsaved' | 'saving' | 'offline' | 'conflict' | 'refused' | 'forbidden'

export interface AutosaveOptions {
  save: (version: number, fields: draft.Fields, keepalive: boolean) => Promise<Ticket>
  reload: () => Promise<Ticket>
  changed: (state: draft.DraftState, status: SaveStatus) => void
  merged: (fields: draft.FieldName[]) => void
  refused: (problem: ApiError) => void
  focused: () => draft.FieldName | null
}

const QUIET_MS = 600
const AT_LATEST_MS = 1500
const STUCK = new Set<SaveStatus>(['offline', 'forbidden'])

export class Autosave {
  private timer: ReturnType<typeof setTimeout> | null = null
  private firstEdit: number | null = null
  private attempts = 0
  private running: Promise<void> | null = null
  private status: SaveStatus = 'saved'

  constructor(
    private state: draft.DraftState,
    private readonly options: AutosaveOptions,
  ) {}

  get current(): draft.DraftState {
    return this.state
  }

  get currentStatus(): SaveStatus {
    return this.status
  }

  edit<F extends draft.FieldName>(field: F, value: TicketFields[F]): void {
    this.become(draft.edited(this.state, field, value))
    if (draft.isClean(this.state)) return this.become(this.state, 'saved')
    if (this.status !== 'offline') this.become(this.state, statusOf(this.state))
    this.firstEdit ??= Date.now()
    this.plan(Math.max(0, Math.min(QUIET_MS, this.firstEdit + AT_LATEST_MS - Date.now())))
  }

  /** Save all that may be saved, now. Resolves when it was tried; `clean` tells how it went. */
  async flush(keepalive = false): Promise<void> {
    this.cancel()
    // Whoever waited beside us may have begun the next save when the one before ended.
    if (!keepalive) while (this.running !== null) await this.running
    if (Object.keys(draft.sendable(this.state)).length === 0) return
    this.running = this.send(keepalive).finally(() => (this.running = null))
    await this.running
    // What was typed meanwhile, or the rest of a save of which some values were refused.
    if (!STUCK.has(this.status) && this.hasUnsent()) await this.flush()
  }

  get clean(): boolean {
    return draft.isClean(this.state)
  }

  /** The server has a newer version than ours (a transition, a hint by the live connection). */
  renew(ticket: Ticket): void {
    if (ticket.version < this.state.base.version) return
    if (draft.isClean(this.state)) return this.become({ ...draft.opened(ticket), typed: this.state.typed }, 'saved')
    this.takeOver(ticket)
  }

  decide(field: draft.FieldName, keepMine: boolean): void {
    this.become(draft.decided(this.state, field, keepMine))
    if (this.state.conflicts.length > 0) return
    this.become(this.state, statusOf(this.state))
    this.plan(0)
  }

  stop(): void {
    this.cancel()
  }

  private hasUnsent(): boolean {
    return Object.keys(draft.sendable(this.state)).length > 0
  }

  private async send(keepalive: boolean): Promise<void> {
    this.firstEdit = null
    this.become(draft.sendingBegun(this.state), 'saving')
    try {
      const ticket = await this.options.save(this.state.base.version, this.state.sending ?? {}, keepalive)
      this.attempts = 0
      const next = draft.saved(this.state, ticket, this.options.focused())
      this.become(next, statusOf(next))
      if (this.hasUnsent()) this.plan(QUIET_MS)
    } catch (problem) {
      await this.failed(problem)
    }
  }

  private async failed(problem: unknown): Promise<void> {
    const refusals = refusedFields(problem)
    if (refusals !== null) {
      this.become(draft.valuesRefused(this.state, refusals), 'refused')
      return
    }
    this.become(draft.sendingFailed(this.state))
    if (problem instanceof ApiError && problem.status === 409) return this.overtaken(problem)
    if (problem instanceof ApiError) {
      this.become(this.state, 'forbidden')
      return this.options.refused(problem)
    }
    this.become(this.state, 'offline')
    this.plan(backoff(this.attempts++, Math.random, 1000, 10_000))
  }

  private async overtaken(problem: ApiError): Promise<void> {
    const fresh = freshTicket(problem)
    try {
      this.takeOver(fresh ?? (await this.options.reload()))
    } catch (again) {
      if (!(again instanceof Offline) && !(again instanceof ApiError)) throw again
      this.become(this.state, 'offline')
      this.plan(backoff(this.attempts++, Math.random, 1000, 10_000))
    }
  }

  private takeOver(fresh: Ticket): void {
    // Submitted elsewhere: nothing typed here can be saved any more.
    if (!fresh.editable) return this.become(draft.opened(fresh), 'saved')
    const { state, merged } = draft.overtaken(this.state, fresh)
    this.become(state, statusOf(state))
    if (merged.length > 0) this.options.merged(merged)
    if (this.hasUnsent()) this.plan(this.attempts++ === 0 ? 0 : backoff(this.attempts, Math.random, 500, 5000))
  }

  private plan(milliseconds: number): void {
    this.cancel()
    this.timer = setTimeout(() => void this.flush(), milliseconds)
  }

  private cancel(): void {
    if (this.timer !== null) clearTimeout(this.timer)
    this.timer = null
  }

  private become(state: draft.DraftState, status: SaveStatus = this.status): void {
    this.state = state
    this.status = status
    this.options.changed(state, status)
  }
}

function statusOf(state: draft.DraftState): SaveStatus {
  if (state.conflicts.length > 0) return 'conflict'
  if (Object.keys(state.refusals).length > 0) return 'refused'
  return draft.isClean(state) ? 'saved' : 'unsaved'
}

/** FIELD_REFUSED names the values that cannot be taken; null for any other problem. */
function refusedFields(problem: unknown): draft.Refusals | null {
  if (!(problem instanceof ApiError) || problem.body.code !== 'FIELD_REFUSED') return null
  const { fields } = problem.body.details as { fields?: { field: draft.FieldName; zh: string; en: string }[] }
  if (!fields?.length) return null
  return Object.fromEntries(fields.map(({ field, zh, en }) => [field, { zh, en }])) as draft.Refusals
}

/** A stale save is answered with the ticket as it is now. */
function freshTicket(problem: ApiError): Ticket | null {
  const { details } = problem.body
  const candidate = (details.ticket ?? details) as Partial<Ticket>
  return typeof candidate.version === 'number' && typeof candidate.id === 'number' ? (candidate as Ticket) : null
}
