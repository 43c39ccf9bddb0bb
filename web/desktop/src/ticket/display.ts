/** A field's value as a person reads it. */
import type { Choice } from '@/api/types'
import { pick, T } from '@/texts'
import type { useCatalogue } from './catalogue'
import type { FieldName } from './draft'

/** Drafts have no number yet; some endings never get one. */
export function shownNumber(ticket: { number: string | null; state: string }): string {
  const open = ticket.state === 'DRAFT' || ticket.state === 'PENDING_INFO'
  return ticket.number ?? (open ? T.value.side.noNumber : '—')
}

type Lists = 'caller_gender' | 'reply_method' | 'language' | 'subject_kind' | 'appeal_type' | 'handling_class' | 'urgency'

export function displayValue(catalogue: ReturnType<typeof useCatalogue>, field: FieldName, value: unknown): string {
  if (value === null || value === undefined || value === '') return ''
  if (typeof value === 'boolean') return value ? T.value.common.yes : T.value.common.no
  const all = catalogue.all
  if (field === 'category') return catalogue.categoryName(String(value))
  const lists: Partial<Record<FieldName, Choice[] | undefined>> & Record<Lists, Choice[] | undefined> = {
    caller_gender: all?.genders,
    reply_method: all?.reply_methods,
    language: all?.languages,
    subject_kind: all?.subject_kinds,
    appeal_type: all?.appeal_types,
    handling_class: all?.handling_classes,
    urgency: all?.urgencies,
    area: all?.areas,
    referral_target: all?.referral_targets,
    referral_result: all?.referral_results,
  }
  return pick(lists[field]?.find((choice) => choice.code === value)) || String(value)
}
