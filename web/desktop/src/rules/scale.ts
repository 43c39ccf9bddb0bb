/** Where a second lies on the drawing: the first minute, in which everything is decided, takes most of the width. */
const CLOSE = 60
const SHARE = 0.68

/** Percent from the left for second `at` of a wait of at most `end` seconds. */
export function along(at: number, end: number): number {
  const within = Math.min(Math.max(at, 0), end)
  if (end <= CLOSE) return (100 * within) / end
  if (within <= CLOSE) return 100 * SHARE * (within / CLOSE)
  return 100 * (SHARE + (1 - SHARE) * ((within - CLOSE) / (end - CLOSE)))
}

/** The seconds that are written below the line. */
export function marks(end: number): number[] {
  const close = [0, 10, 20, 30, 40, 50, 60].filter((at) => at < end)
  const half = CLOSE + (end - CLOSE) / 2
  return end > CLOSE * 4 ? [...close, Math.round(half / 60) * 60, end] : [...close, end]
}

/** 45 → 45, 90 → 1:30, 1800 → 30:00. */
export function clock(seconds: number): string {
  return seconds < 60 ? `${seconds}` : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
