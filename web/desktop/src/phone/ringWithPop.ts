/** The INVITE comes from Asterisk, the screen-pop from the hotline: whoever is first waits a moment for the other. */
import { watch } from 'vue'

/** The pop is usually some milliseconds behind; without the live connection the seat must ring all the same. */
const PATIENCE_MS = 500

/** Call `ring` when the pop of `callId` is there, at the latest after PATIENCE_MS; returns how to call it off. */
export function ringWithPop(callId: string, shown: () => string | null, ring: () => void): () => void {
  if (callId === '' || shown() === callId) {
    ring()
    return () => {}
  }
  const go = () => {
    callOff()
    ring()
  }
  const stop = watch(shown, (present) => present === callId && go())
  const timer = setTimeout(go, PATIENCE_MS)
  function callOff(): void {
    stop()
    clearTimeout(timer)
  }
  return callOff
}
