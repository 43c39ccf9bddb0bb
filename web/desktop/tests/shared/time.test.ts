import { describe, expect, it } from 'vitest'
import { duration, fullTime, shortTime, since, until } from '@/shared/time'

const local = (text: string) => new Date(`${text}+08:00`).toISOString()

describe('times', () => {
  it('count up from the server time and down to its deadline, never below zero', () => {
    const now = Date.parse('2026-11-23T02:01:05Z')
    expect(since('2026-11-23T02:00:00Z', now)).toBe('01:05')
    expect(until('2026-11-23T02:03:05Z', now)).toBe('02:00')
    expect(until('2026-11-23T02:00:00Z', now)).toBe('00:00')
    expect(since(null, now)).toBe('')
  })

  it('show hours when there are some', () => {
    expect(duration(3_600_000 + 62_000)).toBe('1:01:02')
    expect(duration(-5)).toBe('00:00')
  })

  it('are those of Yingkou, whatever the zone of the machine', () => {
    expect(fullTime('2026-11-22T16:00:09Z')).toBe('2026-11-23 00:00:09')
    expect(shortTime('2026-11-22T16:00:09Z', Date.parse('2026-11-23T15:59:00Z'))).toBe('00:00')
  })

  it('are short: the clock today, the day this year, the year before that', () => {
    const now = Date.parse(local('2026-11-23T10:00:00'))
    expect(shortTime(local('2026-11-23T08:05:00'), now)).toBe('08:05')
    expect(shortTime(local('2026-11-22T23:59:00'), now)).toBe('11-22 23:59')
    expect(shortTime(local('2025-12-31T08:00:00'), now)).toBe('2025-12-31')
    expect(shortTime('nonsense', now)).toBe('')
    expect(shortTime(null)).toBe('')
  })

  it('are complete to the second where that matters', () => {
    expect(fullTime(local('2026-11-23T08:05:09'))).toBe('2026-11-23 08:05:09')
    expect(fullTime('')).toBe('')
  })
})
