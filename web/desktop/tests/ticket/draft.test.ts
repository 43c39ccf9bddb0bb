import { describe, expect, it } from 'vitest'
import * as draft from '@/ticket/draft'
import { ticket } from '../support/ticket'

describe('a draft', () => {
  it('shows what is typed over what is under way over what is saved', () => {
    let state = draft.opened(ticket({ title: 'a' }))
    state = draft.edited(state, 'title', 'b')
    state = draft.sendingBegun(state)
    expect(draft.shown(state, 'title')).toBe('b')
    state = draft.edited(state, 'title', 'c')
    expect(draft.shown(state, 'title')).toBe('c')
    state = draft.saved(state, ticket({ title: 'b', version: 2 }))
    expect(draft.shown(state, 'title')).toBe('c')
    expect(draft.sendable(state)).toEqual({ title: 'c' })
  })

  it('has nothing to send when the old value is typed again', () => {
    const state = draft.edited(draft.edited(draft.opened(ticket({ title: 'a' })), 'title', 'b'), 'title', 'a')
    expect(draft.isClean(state)).toBe(true)
  })

  it('sends the old value again when another one is under way', () => {
    let state = draft.edited(draft.opened(ticket({ title: 'a' })), 'title', 'b')
    state = draft.sendingBegun(state)
    state = draft.edited(state, 'title', 'a')
    state = draft.saved(state, ticket({ title: 'b', version: 2 }))
    expect(draft.sendable(state)).toEqual({ title: 'a' })
  })

  it('keeps what was under way when a save fails, under what was typed since', () => {
    let state = draft.edited(draft.edited(draft.opened(ticket()), 'title', 'b'), 'street', 's')
    state = draft.sendingBegun(state)
    state = draft.edited(state, 'title', 'c')
    state = draft.sendingFailed(state)
    expect(draft.sendable(state)).toEqual({ title: 'c', street: 's' })
  })

  it('leaves the text under the cursor as typed although the server cut its spaces', () => {
    let state = draft.edited(draft.opened(ticket()), 'content', '停水 ')
    state = draft.saved(draft.sendingBegun(state), ticket({ content: '停水', version: 2 }), 'content')
    expect(draft.shown(state, 'content')).toBe('停水 ')
    expect(draft.isClean(state)).toBe(true)
  })

  it('merges the changes of somebody else in other fields', () => {
    let state = draft.edited(draft.opened(ticket()), 'title', 'mine')
    const overtaken = draft.overtaken(draft.sendingBegun(state), ticket({ version: 2, street: 'theirs' }))
    state = overtaken.state
    expect(overtaken.merged).toEqual(['street'])
    expect(state.conflicts).toEqual([])
    expect(draft.shown(state, 'street')).toBe('theirs')
    expect(draft.sendable(state)).toEqual({ title: 'mine' })
  })

  it('asks when both changed the same field, and sends nothing of it before the answer', () => {
    const mine = draft.edited(draft.edited(draft.opened(ticket()), 'title', 'mine'), 'street', 's')
    const { state } = draft.overtaken(mine, ticket({ version: 2, title: 'theirs' }))
    expect(state.conflicts).toEqual(['title'])
    expect(draft.sendable(state)).toEqual({ street: 's' })
    expect(draft.sendable(draft.decided(state, 'title', true))).toEqual({ title: 'mine', street: 's' })
    const theirs = draft.decided(state, 'title', false)
    expect(draft.shown(theirs, 'title')).toBe('theirs')
    expect(draft.sendable(theirs)).toEqual({ street: 's' })
  })

  it('has no conflict when both typed the same', () => {
    const mine = draft.edited(draft.opened(ticket()), 'title', 'same')
    const { state } = draft.overtaken(mine, ticket({ version: 2, title: 'same' }))
    expect(draft.isClean(state)).toBe(true)
  })

  it('holds back a refused value until it is changed, and nothing else', () => {
    let state = draft.edited(draft.edited(draft.opened(ticket()), 'contact_phone', '139'), 'title', 't')
    state = draft.valuesRefused(draft.sendingBegun(state), { contact_phone: { zh: '不是有效的电话号码', en: 'Not a number' } })
    expect(draft.sendable(state)).toEqual({ title: 't' })
    state = draft.edited(state, 'contact_phone', '13900000001')
    expect(draft.sendable(state)).toEqual({ title: 't', contact_phone: '13900000001' })
    expect(state.refusals).toEqual({})
  })

  it('treats an unchosen choice and an empty one as the same', () => {
    expect(draft.isClean(draft.edited(draft.opened(ticket()), 'area', ''))).toBe(true)
  })
})
