import { describe, expect, it } from 'vitest'
import { blocks, clock, inYingkou, minutes, place } from '@/plan/axis'
import type { Entry } from '@/plan/types'

const entry: Entry = {
  id: -1, kind: 'default', open_seats: 10, reason: '', author: '', made_at: null, starts_at: null, ends_at: null,
}

describe('the bar of a day', () => {
  it('begins at midnight in Yingkou wherever the browser is', () => {
    expect(place('2026-11-23', '2026-11-22T16:00:00Z')).toBe(0)
    expect(place('2026-11-23', '2026-11-23T04:00:00Z')).toBe(50)
  })

  it('cuts what begins before it or ends after it', () => {
    const span = { starts_at: '2026-11-22T10:00:00Z', ends_at: '2026-11-24T10:00:00Z', open_seats: 2, entry }
    expect(blocks('2026-11-23', [span])).toEqual([{ left: 0, width: 100, span }])
  })

  it('reads and writes times of the day', () => {
    expect([0, 480, 1050, 1440].map(clock)).toEqual(['00:00', '08:00', '17:30', '24:00'])
    expect(['8:00', '17:30', '24:00', '24:01', '12:60', '8', 'x'].map(minutes)).toEqual([480, 1050, 1440, null, null, null, null])
    expect(inYingkou('2026-11-23 14:00')).toBe('2026-11-23T06:00:00.000Z')
  })
})
