import { describe, expect, it } from 'vitest'
import { COMBINATIONS, commandOf, type Command } from '@/shared/shortcuts'

const press = (key: string, over: Partial<KeyboardEvent> = {}) => ({
  key,
  code: /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : /^\d$/.test(key) ? `Digit${key}` : key,
  ctrlKey: false,
  altKey: false,
  shiftKey: false,
  metaKey: false,
  isComposing: false,
  repeat: false,
  keyCode: 0,
  ...over,
})

describe('shortcuts', () => {
  it.each(Object.entries(COMBINATIONS))('%s is %s', (command, combination) => {
    const parts = combination.split('+')
    const event = press(parts.at(-1)!, { altKey: parts.includes('Alt'), ctrlKey: parts.includes('Ctrl') })
    expect(commandOf(event)).toBe(command as Command)
  })

  it('have one combination each', () => {
    expect(new Set(Object.values(COMBINATIONS)).size).toBe(Object.keys(COMBINATIONS).length)
  })

  it('rest while an input method composes', () => {
    expect(commandOf(press('F2', { isComposing: true }))).toBeNull()
    expect(commandOf(press('F2', { keyCode: 229 }))).toBeNull()
  })

  it('do nothing for a key held down, with other modifiers, or for plain typing', () => {
    expect(commandOf(press('F4', { repeat: true }))).toBeNull()
    expect(commandOf(press('F4', { altKey: true }))).toBeNull()
    expect(commandOf(press('F2', { shiftKey: true }))).toBeNull()
    expect(commandOf(press('1'))).toBeNull()
    expect(commandOf(press('c'))).toBeNull()
    expect(commandOf(press('Enter'))).toBeNull()
  })

  it('go by the place of a letter, since Alt changes it on some layouts', () => {
    expect(commandOf(press('ç', { code: 'KeyC', altKey: true }))).toBe('category')
  })
})
