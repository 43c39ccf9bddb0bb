/** The ticket that is open beside the call, and drafts whose last save is still under way. */
import { ElMessage } from 'element-plus'
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { api } from '@/api/hotline'
import { ApiError } from '@/api/http'
import type { AllowedAction, Ticket, TicketFields } from '@/api/types'
import { useLive } from '@/live/store'
import { complain } from '@/shared/problems'
import { T } from '@/texts'
import { Autosave, type SaveStatus } from './autosave'
import { opened, shown, type DraftState, type FieldName } from './draft'

export const useTicket = defineStore('ticket', () => {
  const live = useLive()
  const id = ref<number | null>(null)
  const state = shallowRef<DraftState | null>(null)
  const status = ref<SaveStatus>('saved')
  const loading = ref(false)
  const problem = shallowRef<unknown>(null)
  const focused = ref<FieldName | null>(null)
  /** Fields that a tried submission lacked: shown red until filled. */
  const lacking = ref<ReadonlySet<string>>(new Set())
  const savers = new Map<number, Autosave>()

  const ticket = computed(() => state.value?.base ?? null)
  const locked = computed(() => ticket.value === null || !ticket.value.editable)

  /** Show ticket `next`; what was typed into another one goes on being saved. */
  async function open(next: number): Promise<void> {
    if (next === id.value && state.value !== null) return
    await close()
    id.value = next
    loading.value = true
    problem.value = null
    try {
      const known = savers.get(next)
      if (known) show(known)
      else use(await api.ticket(next))
    } catch (refusal) {
      if (id.value === next) problem.value = refusal
    } finally {
      loading.value = false
    }
  }

  async function create(callId?: string): Promise<void> {
    try {
      const made = await api.openTicket(callId)
      await close()
      use(made)
    } catch (refusal) {
      complain(refusal)
    }
  }

  async function close(): Promise<void> {
    const before = id.value
    id.value = null
    state.value = null
    status.value = 'saved'
    problem.value = null
    lacking.value = new Set()
    const saver = before === null ? undefined : savers.get(before)
    if (!saver) return
    void settle(before!, saver)
  }

  /** Save what is left of a ticket that is no longer shown; keep trying while that fails. */
  async function settle(number: number, draft: Autosave): Promise<void> {
    await draft.flush()
    if (draft.clean && id.value !== number) savers.delete(number)
  }

  function use(fresh: Ticket): void {
    id.value = fresh.id
    const saver: Autosave = new Autosave(opened(fresh), {
      save: (version, fields, keepalive) => api.saveTicket(fresh.id, version, fields, keepalive),
      reload: () => api.ticket(fresh.id),
      focused: () => focused.value,
      changed(next, nextStatus) {
        if (id.value === fresh.id) {
          state.value = next
          status.value = nextStatus
        }
      },
      merged: (names) => ElMessage.info(T.value.form.merged(names.map(fieldName).join(T.value.common.comma))),
      refused: complain,
    })
    savers.set(fresh.id, saver)
    show(saver)
  }

  function show(saver: Autosave): void {
    state.value = saver.current
    status.value = saver.currentStatus
  }

  const saver = () => (id.value === null ? undefined : savers.get(id.value))

  function value<F extends FieldName>(field: F): TicketFields[F] | undefined {
    return state.value === null ? undefined : shown(state.value, field)
  }

  function edit<F extends FieldName>(field: F, next: TicketFields[F]): void {
    if (lacking.value.has(field)) lacking.value = new Set([...lacking.value].filter((name) => name !== field))
    saver()?.edit(field, next)
  }

  /** Save now, then return the action as the server sees it, or undefined if it could not be saved. */
  async function prepare(trigger: string): Promise<AllowedAction | undefined> {
    const draft = saver()
    if (!draft) return undefined
    await draft.flush()
    if (!draft.clean) return undefined
    return draft.current.base.allowed_actions.find((action) => action.trigger === trigger)
  }

  /** Move the ticket on; the key makes a repeated request harmless. Returns whether it moved. */
  async function submit(trigger: string, data: Record<string, unknown>, key: string): Promise<boolean> {
    const draft = saver()
    if (!draft) return false
    try {
      const { id: number, version } = draft.current.base
      draft.renew(await api.moveTicket(number, { trigger, version, data, idempotency_key: key }))
      return true
    } catch (refusal) {
      complain(refusal)
      if (refusal instanceof ApiError && refusal.status === 409) void reload(draft)
      return false
    }
  }

  /** Save what is typed, let the server change the ticket, and take over what it made of it. Returns whether it did. */
  async function change(act: (id: number) => Promise<Ticket>): Promise<boolean> {
    const draft = saver()
    if (!draft) return false
    try {
      await draft.flush()
      draft.renew(await act(draft.current.base.id))
      return true
    } catch (refusal) {
      complain(refusal)
      return false
    }
  }

  async function reload(draft: Autosave): Promise<void> {
    try {
      draft.renew(await api.ticket(draft.current.base.id))
    } catch {
      // Shown already by what led here; the next save brings the fresh ticket.
    }
  }

  live.onTicket((hint) => {
    const draft = savers.get(hint.ticket_id)
    if (draft && hint.version > draft.current.base.version && draft.clean) void reload(draft)
  })
  watch(
    () => live.status,
    (link) => link === 'online' && savers.forEach((each) => void each.flush()),
  )
  // The last chance before the tab goes: the browser finishes these requests without us.
  window.addEventListener('pagehide', () => savers.forEach((each) => void each.flush(true)))
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') savers.forEach((each) => void each.flush())
  })

  return {
    id,
    state,
    ticket,
    status,
    loading,
    problem,
    focused,
    lacking,
    locked,
    open,
    create,
    close,
    value,
    edit,
    prepare,
    submit,
    change,
    decide: (field: FieldName, keepMine: boolean) => saver()?.decide(field, keepMine),
    markLacking: (names: string[]) => (lacking.value = new Set(names)),
  }
})

export const fieldName = (field: string) => T.value.fields[field] ?? field
