/** Which microphone and loudspeaker: a preference of this workstation, the only thing kept in the browser. */
import { reactive, watch } from 'vue'

export interface AudioPreferences {
  input: string
  output: string
  /** Where the ring tone plays: '' is the headset too. */
  ringOutput: string
  ringVolume: number
  echoCancellation: boolean
  noiseSuppression: boolean
  autoGainControl: boolean
}

export interface AudioDevice {
  id: string
  label: string
}

const KEY = 'hotline.audio'
const DEFAULTS: AudioPreferences = {
  input: '',
  output: '',
  ringOutput: '',
  ringVolume: 0.6,
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
}

export const audio = reactive<AudioPreferences>(load())
watch(audio, () => localStorage.setItem(KEY, JSON.stringify(audio)))

/** Constraints for getUserMedia; a headset that was unplugged must not make the call fail, so nothing is `exact`. */
export function microphoneConstraints(): MediaTrackConstraints {
  return {
    ...(audio.input ? { deviceId: { ideal: audio.input } } : {}),
    echoCancellation: audio.echoCancellation,
    noiseSuppression: audio.noiseSuppression,
    autoGainControl: audio.autoGainControl,
  }
}

export async function listDevices(): Promise<{ inputs: AudioDevice[]; outputs: AudioDevice[] }> {
  const all = (await navigator.mediaDevices?.enumerateDevices()) ?? []
  return { inputs: all.filter(of('audioinput')).map(named), outputs: all.filter(of('audiooutput')).map(named) }
}

/** Send an element's sound to a device, '' for the system's own choice; quietly stays there if it is gone. */
export async function playThrough(element: HTMLAudioElement, output: string): Promise<void> {
  try {
    await element.setSinkId?.(output)
  } catch {
    await element.setSinkId?.('')
  }
}

const of = (kind: MediaDeviceKind) => (device: MediaDeviceInfo) => device.kind === kind && device.deviceId !== ''
const named = (device: MediaDeviceInfo): AudioDevice => ({ id: device.deviceId, label: device.label })

function load(): AudioPreferences {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<AudioPreferences>
    return { ...DEFAULTS, ...kept }
  } catch {
    return { ...DEFAULTS }
  }
}
