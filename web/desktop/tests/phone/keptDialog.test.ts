// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from 'vitest'
import { forgetDialog, keepDialog, leftDialog, replacing } from '@/phone/keptDialog'

const dialog = { seat: 'seat03', callId: 'abc@switch', localTag: 'ours', remoteTag: 'theirs', held: false, muted: true }

beforeEach(() => localStorage.clear())

describe('the dialog of a call that a reload cuts off', () => {
  it('is found again at the same seat, and at no other', () => {
    keepDialog(dialog)
    expect(leftDialog('seat03')).toEqual(dialog)
    expect(leftDialog('seat04')).toBeNull()
  })

  it('is forgotten when the call is over, unless another tab has taken it up since', () => {
    keepDialog(dialog)
    forgetDialog('another@switch')
    expect(leftDialog('seat03')).not.toBeNull()
    forgetDialog(dialog.callId)
    expect(leftDialog('seat03')).toBeNull()
  })

  it('is named from the side of the receiver: its own tag is the to-tag (RFC 3891)', () => {
    expect(replacing(dialog)).toEqual(['Replaces: abc@switch;to-tag=theirs;from-tag=ours', 'Require: replaces'])
  })

  it('is nothing when the browser kept nonsense', () => {
    localStorage.setItem('hotline.dialog', '{"seat":"seat03"')
    expect(leftDialog('seat03')).toBeNull()
    localStorage.setItem('hotline.dialog', '{"seat":"seat03"}')
    expect(leftDialog('seat03')).toBeNull()
  })
})
