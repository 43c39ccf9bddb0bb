/** Which submissions the form offers, what each asks for at the end, and which one Ctrl+Enter means. Pure. */
import type { AllowedAction, Lack } from '@/api/types'

/** Shown in this order whatever the server's order, so that Alt+1…5 stay with their meaning. */
export const ORDER = ['answer', 'accept', 'refer', 'request_info', 'propose_invalid', 'resume'] as const
export type Trigger = (typeof ORDER)[number]

/** What is asked when the button is pressed, so that it does not count as missing before. */
export const ASKED: Record<Trigger, readonly string[]> = {
  answer: ['caller_heard'],
  accept: [],
  refer: ['referral_target', 'referral_result'],
  request_info: ['missing_info'],
  propose_invalid: ['invalid_reason'],
  resume: [],
}

export interface Offer {
  trigger: Trigger
  action: AllowedAction
  /** What has to be filled in before. */
  missing: Lack[]
}

export function offers(actions: AllowedAction[]): Offer[] {
  return ORDER.flatMap((trigger) => {
    const action = actions.find((one) => one.trigger === trigger)
    if (!action) return []
    return [{ trigger, action, missing: action.missing.filter((lack) => !ASKED[trigger].includes(lack.field)) }]
  })
}

/** Return what Ctrl+Enter means for a ticket filled in like this. */
export function preferred(
  available: Offer[],
  filled: { handling_class?: string | null; appeal_type?: string | null; answer_text?: string },
): Offer | undefined {
  const find = (trigger: Trigger) => available.find((offer) => offer.trigger === trigger)
  if (filled.handling_class === 'guidance') return find('refer') ?? find('accept')
  if (filled.appeal_type === 'enquiry' && filled.answer_text) return find('answer') ?? find('accept')
  return find('accept') ?? find('resume')
}
