/** Times as people read them. All inputs are ISO 8601 or milliseconds; days and hours are those of the browser's zone. */

/** Return m:ss, or h:mm:ss from an hour on; never negative. */
export function duration(milliseconds: number): string {
  const total = Math.max(0, Math.floor(milliseconds / 1000))
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60]
  const two = (n: number) => String(n).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${two(minutes)}:${two(seconds)}`
}

export const since = (iso: string | null | undefined, now: number) => (iso ? duration(now - Date.parse(iso)) : '')
export const until = (iso: string | null | undefined, now: number) => (iso ? duration(Date.parse(iso) - now) : '')

/** Return HH:mm for today, MM-dd HH:mm within the year, else yyyy-MM-dd. */
export function shortTime(iso: string | null | undefined, now = Date.now()): string {
  if (!iso) return ''
  const [at, today] = [new Date(iso), new Date(now)]
  if (Number.isNaN(at.getTime())) return ''
  const two = (n: number) => String(n).padStart(2, '0')
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}`
  const day = `${two(at.getMonth() + 1)}-${two(at.getDate())}`
  if (at.getFullYear() !== today.getFullYear()) return `${at.getFullYear()}-${day}`
  return at.toDateString() === today.toDateString() ? clock : `${day} ${clock}`
}

export function fullTime(iso: string | null | undefined): string {
  if (!iso) return ''
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return ''
  const two = (n: number) => String(n).padStart(2, '0')
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}
