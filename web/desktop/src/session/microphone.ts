/** The microphone's level while the check page is open. */
import { onUnmounted, ref, watch } from 'vue'
import { audio, microphoneConstraints } from '@/phone/devices'

export type MicrophoneState = 'asking' | 'listening' | 'denied' | 'missing'

const HEARD_AT = 0.03

export function useMicrophoneLevel() {
  const state = ref<MicrophoneState>('asking')
  const level = ref(0)
  const heard = ref(false)
  let stream: MediaStream | null = null
  let context: AudioContext | null = null
  let frame = 0

  async function listen(): Promise<void> {
    release()
    state.value = 'asking'
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: microphoneConstraints() })
    } catch (problem) {
      state.value = (problem as DOMException).name === 'NotAllowedError' ? 'denied' : 'missing'
      return
    }
    state.value = 'listening'
    context = new AudioContext()
    const analyser = context.createAnalyser()
    analyser.fftSize = 1024
    context.createMediaStreamSource(stream).connect(analyser)
    const samples = new Float32Array(analyser.fftSize)
    const read = () => {
      analyser.getFloatTimeDomainData(samples)
      const rms = Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length)
      // Rise at once, fall slowly: a bar that the eye can follow.
      level.value = Math.max(Math.min(1, rms * 6), level.value * 0.92)
      if (rms > HEARD_AT) heard.value = true
      frame = requestAnimationFrame(read)
    }
    read()
  }

  function release(): void {
    cancelAnimationFrame(frame)
    stream?.getTracks().forEach((track) => track.stop())
    stream = null
    void context?.close()
    context = null
    level.value = 0
    heard.value = false
  }

  watch(
    () => [audio.input, audio.echoCancellation, audio.noiseSuppression, audio.autoGainControl],
    () => void listen(),
  )
  onUnmounted(release)

  return { state, level, heard, listen }
}
