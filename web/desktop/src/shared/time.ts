/** Times as people read them. Inputs are ISO 8601 or milliseconds; days and hours are Yingkou's in every browser. */

/** Return m:ss, or h:mm:ss from an hour on; never negative. */
export function duration(milliseconds: number): string {
  const total = Math.max(0, Math.floor(milliseconds / 1000))
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60]
  const two = (n: number) => String(n).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${two(minutes)}:${two(seconds)}`
}

export const since = (iso: string | null | undefined, now: number) => (iso ? duration(now - Date.parse(iso)) : '')
export const until = (iso: string | null | undefined, now: number) => (iso ? duration(Date.parse(iso) - now) : '')

const LOCAL = new Intl.DateTimeFormat('en', {
  timeZone: 'Asia/Shanghai',
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
})

/** Return HH:mm for today, MM-dd HH:mm within the year, else yyyy-MM-dd. */
export function shortTime(iso: string | null | undefined, now = Date.now()): string {
  const at = local(iso)
  if (at === null) return ''
  const today = local(now)!
  if (at.year !== today.year) return `${at.year}-${at.day}`
  return at.day === today.day ? at.minute : `${at.day} ${at.minute}`
}

export function fullTime(iso: string | null | undefined): string {
  const at = local(iso)
  return at === null ? '' : `${at.year}-${at.day} ${at.minute}:${at.second}`
}

interface LocalTime {
  year: string
  /** MM-dd */
  day: string
  /** HH:mm */
  minute: string
  second: string
}

function local(time: string | number | null | undefined): LocalTime | null {
  if (time === null || time === undefined || time === '') return null
  const at = new Date(time)
  if (Number.isNaN(at.getTime())) return null
  const part = Object.fromEntries(LOCAL.formatToParts(at).map(({ type, value }) => [type, value]))
  return {
    year: part.year!,
    day: `${part.month}-${part.day}`,
    minute: `${part.hour}:${part.minute}`,
    second: part.second!,
  }
}
