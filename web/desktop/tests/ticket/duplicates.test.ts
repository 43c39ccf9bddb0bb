import { describe, expect, it } from 'vitest'
import { compared } from '@/ticket/compared'
import { ticket } from '../support/ticket'

describe('when known matters are asked for again', () => {
  it('is when what is compared was saved, and not for anything else', () => {
    const first = compared(ticket({ title: '停水' }))
    expect(compared(ticket({ title: '停水', version: 7, purpose: '恢复', anonymous: false }))).toBe(first)
    for (const change of [{ title: '停电' }, { address: '3号楼' }, { contact_phone: '13900000002' }, { id: 2 }])
      expect(compared(ticket({ title: '停水', ...change }))).not.toBe(first)
  })

  it('is never for an empty, a submitted or no ticket', () => {
    expect(compared(ticket())).toBe('')
    expect(compared(ticket({ title: '停水', editable: false }))).toBe('')
    expect(compared(null)).toBe('')
  })
})
