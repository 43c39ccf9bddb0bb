import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AlarmPiece } from '@/api/wallboard'
import { heardNow, toneDue } from '@/wallboard/alarmSound'

const alarm = (code: string, level: AlarmPiece['level'] = 'alarm', noted = false): AlarmPiece => ({
  id: 1,
  code,
  level,
  zh: '',
  en: '',
  raised_at: '2026-11-23T02:00:00Z',
  acknowledged_at: noted ? '2026-11-23T02:01:00Z' : null,
  acknowledged_name: '',
})

describe('the sound of alarms', () => {
  it('comes at once, and again until somebody has noted the alarm', () => {
    const standing = [alarm('SWITCH_DOWN')]
    expect(toneDue(standing, 0, null)).toBe('alarm')
    const heard = heardNow(standing, 0)
    expect(toneDue(standing, 5_999, heard)).toBeNull()
    expect(toneDue(standing, 6_000, heard)).toBe('alarm')
    expect(toneDue([alarm('SWITCH_DOWN', 'alarm', true)], 60_000, heard)).toBeNull()
  })

  it('does not let a new alarm wait for the turn of an old one, and says how loud the new one is', () => {
    const old = [alarm('SWITCH_DOWN')]
    const heard = heardNow(old, 0)
    expect(toneDue([...old, alarm('LONGEST_WAIT', 'warning')], 1, heard)).toBe('warning')
    const again = { ...alarm('SWITCH_DOWN'), raised_at: '2026-11-23T02:05:00Z' }
    expect(toneDue([again], 1, heard)).toBe('alarm')
  })

  it('is soft and rare for a warning', () => {
    const standing = [alarm('UNDERSTAFFED', 'warning')]
    const heard = heardNow(standing, 0)
    expect([toneDue(standing, 29_999, heard), toneDue(standing, 30_000, heard)]).toEqual([null, 'warning'])
  })

  it('never comes for what has been noted', () => {
    const piece = fc.record({
      code: fc.constantFrom('A', 'B', 'C'),
      level: fc.constantFrom('warning' as const, 'alarm' as const),
    })
    fc.assert(
      fc.property(fc.array(piece), fc.nat(), (pieces, now) => {
        const noted = pieces.map(({ code, level }) => alarm(code, level, true))
        return toneDue(noted, now, null) === null && toneDue(noted, now, heardNow(noted, 0)) === null
      }),
    )
  })
})
