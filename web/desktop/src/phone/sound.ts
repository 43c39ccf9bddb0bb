/** Sounds made here, without files: the ring, a test tone and an alarm. */
import { audio } from './devices'

interface Cadence {
  on: number
  off: number
  times: number
}

const RING: Cadence = { on: 1, off: 2, times: 40 }

type WithSink = AudioContext & { setSinkId?: (id: string) => Promise<void> }

let context: WithSink | null = null
let silence: (() => void) | null = null

/** True while the browser keeps us silent because nobody has touched the page since it was loaded. */
export async function soundBlocked(): Promise<boolean> {
  const ready = audioContext()
  if (ready.state === 'suspended') await Promise.race([ready.resume(), wait(150)])
  return ready.state === 'suspended'
}

/** Ring for up to two minutes; planned ahead on the audio clock, so that no timer of the tab is needed. */
export function startRinging(): void {
  stopRinging()
  silence = plan([440, 480], audio.ringVolume * 0.35, audio.ringOutput || audio.output, RING)
}

export function stopRinging(): void {
  silence?.()
  silence = null
}

/** Play a short rising chord on the headset, to hear that it works. */
export async function playTestTone(): Promise<void> {
  await tone([523.25], 0.25, 0.25, audio.output)
  await wait(260)
  await tone([659.25], 0.45, 0.25, audio.output)
}

/** A short, soft signal for things that a manager must notice. */
export function playAlarm(): Promise<void> {
  return tone([880, 660], 0.5, 0.3, audio.ringOutput || audio.output)
}

/** What a standing alarm sounds like: a warning is one soft tone, an alarm three urgent double tones. */
export function playLevel(level: 'warning' | 'alarm'): void {
  const output = audio.ringOutput || audio.output
  if (level === 'alarm') plan([988, 740], 0.4, output, { on: 0.28, off: 0.14, times: 3 })
  else plan([587], 0.22, output, { on: 0.5, off: 0, times: 1 })
}

export function audioContext(): WithSink {
  context ??= new AudioContext() as WithSink
  return context
}

async function tone(frequencies: number[], seconds: number, volume: number, output: string): Promise<void> {
  await Promise.race([audioContext().resume(), wait(150)])
  plan(frequencies, volume, output, { on: seconds, off: 0, times: 1 })
}

/** Plan `times` bursts on the audio clock; returns how to silence them. */
function plan(frequencies: number[], volume: number, output: string, cadence: Cadence): () => void {
  const out = audioContext()
  void out.resume()
  out.setSinkId?.(output).catch(() => out.setSinkId?.(''))
  const gain = out.createGain()
  gain.gain.value = 0
  gain.connect(out.destination)
  const begin = out.currentTime + 0.02
  for (let burst = 0; burst < cadence.times; burst++) shape(gain.gain, begin + burst * (cadence.on + cadence.off), cadence.on, volume)
  const oscillators = frequencies.map((frequency) => {
    const oscillator = out.createOscillator()
    oscillator.frequency.value = frequency
    oscillator.connect(gain)
    oscillator.start(begin)
    oscillator.stop(begin + cadence.times * (cadence.on + cadence.off))
    return oscillator
  })
  return () => {
    oscillators.forEach((oscillator) => oscillator.stop())
    gain.disconnect()
  }
}

/** Rise and fall within 20 ms, or the ear hears a click. */
function shape(gain: AudioParam, begin: number, seconds: number, volume: number): void {
  gain.setValueAtTime(0, begin)
  gain.linearRampToValueAtTime(volume, begin + 0.02)
  gain.setValueAtTime(volume, begin + seconds - 0.02)
  gain.linearRampToValueAtTime(0, begin + seconds)
}

const wait = (ms: number) => new Promise<void>((done) => setTimeout(done, ms))
