/** How long to wait before the n-th attempt (from 0): doubling, capped, with full jitter in its upper half. */
export function backoff(attempt: number, random: () => number = Math.random, first = 500, most = 15_000): number {
  const ceiling = Math.min(most, first * 2 ** Math.min(attempt, 20))
  return Math.round(ceiling / 2 + (ceiling / 2) * random())
}
