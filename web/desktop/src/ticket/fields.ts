/** The fields of the open ticket for `v-model`: `f.title` reads what is shown and writes an edit. */
import type { TicketFields } from '@/api/types'
import type { FieldName } from './draft'
import { useTicket } from './store'

/** null on the wire is '' in an input; a choice that is cleared goes back as null. */
type Shown = { [F in FieldName]: NonNullable<TicketFields[F]> }

const NULLABLE = new Set<FieldName>([
  'caller_gender',
  'reply_method',
  'language',
  'subject_kind',
  'appeal_type',
  'handling_class',
  'category',
  'area',
  'urgency',
  'referral_target',
  'referral_result',
  'related_ticket',
])

export function useFields(): Shown {
  const ticket = useTicket()
  return new Proxy({} as Shown, {
    get: (_, name) => ticket.value(name as FieldName) ?? '',
    set(_, name, value: unknown) {
      const field = name as FieldName
      const empty = value === '' || value === undefined || value === null
      ticket.edit(field, (empty && NULLABLE.has(field) ? null : (value ?? '')) as never)
      return true
    },
  })
}
