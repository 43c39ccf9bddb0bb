/** Call `beat` twice a second, also while the tab is hidden; returns how to stop. */
export function startTicker(beat: () => void): () => void {
  if (typeof Worker === 'undefined') {
    const timer = setInterval(beat, 500)
    return () => clearInterval(timer)
  }
  const worker = new Worker(new URL('./ticker.worker.ts', import.meta.url), { type: 'module' })
  worker.onmessage = beat
  return () => worker.terminate()
}
