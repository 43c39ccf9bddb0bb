import { describe, expect, it } from 'vitest'
import type { AllowedAction } from '@/api/types'
import { offers, preferred } from '@/ticket/actions'

const lack = (field: string) => ({ field, zh: field, en: field, where: 'form' as const })
const action = (trigger: string, ...missing: string[]): AllowedAction => ({
  trigger,
  to: 'X',
  zh: trigger,
  en: trigger,
  missing: missing.map(lack),
})
const all = offers([
  action('propose_invalid', 'invalid_reason'),
  action('accept', 'title'),
  action('answer', 'caller_heard', 'answer_text'),
  action('refer', 'handling_class', 'referral_target', 'referral_result'),
  action('request_info', 'missing_info'),
])

describe('the ends of a registration', () => {
  it('keep their order whatever the order of the server', () => {
    expect(all.map((offer) => offer.trigger)).toEqual(['answer', 'accept', 'refer', 'request_info', 'propose_invalid'])
  })

  it('do not count as missing what is asked when the button is pressed', () => {
    expect(all.map((offer) => offer.missing.map((one) => one.field))).toEqual([
      ['answer_text'],
      ['title'],
      ['handling_class'],
      [],
      [],
    ])
  })

  it('leave out what the server does not allow, and what this form does not know', () => {
    expect(offers([action('correct'), action('resume')]).map((offer) => offer.trigger)).toEqual(['resume'])
  })

  it.each([
    [{ handling_class: 'guidance', appeal_type: 'complaint' }, 'refer'],
    [{ appeal_type: 'enquiry', answer_text: '已告知' }, 'answer'],
    [{ appeal_type: 'enquiry', answer_text: '' }, 'accept'],
    [{ appeal_type: 'complaint', answer_text: '已告知' }, 'accept'],
    [{}, 'accept'],
  ])('prefer for %o: %s', (filled, trigger) => {
    expect(preferred(all, filled)?.trigger).toBe(trigger)
  })

  it('prefer nothing when nothing is allowed', () => {
    expect(preferred([], {})).toBeUndefined()
  })
})
