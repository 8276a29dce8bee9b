/** Microphone, loudspeaker and their check. */
import { problemOfBrowser, type Problem } from '@/softphone/machine'

/** What this browser lacks to be a phone; null when nothing. */
export function browserProblem(): Problem | null {
  return problemOfBrowser({
    secure: window.isSecureContext,
    media: typeof navigator.mediaDevices?.getUserMedia === 'function',
    rtc: typeof window.RTCPeerConnection === 'function',
  })
}

/** The agent's microphone, cleaned for speech; rejects with the browser's own error. */
export function openMicrophone(device: string): Promise<MediaStream> {
  const audio: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true }
  if (device) audio.deviceId = { exact: device }
  return navigator.mediaDevices.getUserMedia({ audio })
}

export interface DeviceList {
  microphones: { id: string; label: string }[]
  speakers: { id: string; label: string }[]
}

/** Devices by kind; labels are known once the microphone is shared. */
export async function listDevices(): Promise<DeviceList> {
  const all = await navigator.mediaDevices.enumerateDevices()
  const of = (kind: MediaDeviceKind) =>
    all.filter((d) => d.kind === kind && d.deviceId !== '').map((d) => ({ id: d.deviceId, label: d.label }))
  return { microphones: of('audioinput'), speakers: of('audiooutput') }
}

/** Reads the loudness of a stream, 0–1. It listens to a copy, so that muting the phone does not blind the meter. */
export class LevelMeter {
  private readonly context = new AudioContext()
  private readonly analyser = this.context.createAnalyser()
  private readonly copy: MediaStream
  private readonly samples: Float32Array<ArrayBuffer>

  constructor(stream: MediaStream) {
    this.copy = stream.clone()
    this.analyser.fftSize = 1024
    this.samples = new Float32Array(this.analyser.fftSize)
    this.context.createMediaStreamSource(this.copy).connect(this.analyser)
    void this.context.resume()
  }

  /** Loudness now on a scale that is even to the ear: −60 dBFS = 0, −6 dBFS = 1. */
  read(): number {
    this.analyser.getFloatTimeDomainData(this.samples)
    let sum = 0
    for (const sample of this.samples) sum += sample * sample
    const db = 10 * Math.log10(sum / this.samples.length + 1e-12)
    return Math.min(1, Math.max(0, (db + 60) / 54))
  }

  close(): void {
    for (const track of this.copy.getTracks()) track.stop()
    void this.context.close()
  }
}

/** Play short tones on a loudspeaker ('' = the default one): [frequency in Hz, seconds] one after another. */
export async function playTones(tones: [number, number][], volume: number, speaker = ''): Promise<void> {
  const context = new AudioContext()
  try {
    const sink = context as AudioContext & { setSinkId?: (id: string) => Promise<void> }
    if (speaker && sink.setSinkId) await sink.setSinkId(speaker)
    await context.resume()
    const gain = context.createGain()
    gain.connect(context.destination)
    let at = context.currentTime + 0.02
    for (const [frequency, seconds] of tones) {
      const tone = context.createOscillator()
      tone.frequency.value = frequency
      tone.connect(gain)
      gain.gain.setValueAtTime(0, at)
      gain.gain.linearRampToValueAtTime(volume, at + 0.01)
      gain.gain.setValueAtTime(volume, at + seconds - 0.02)
      gain.gain.linearRampToValueAtTime(0, at + seconds)
      tone.start(at)
      tone.stop(at + seconds)
      at += seconds
    }
    await new Promise((done) => setTimeout(done, (at - context.currentTime) * 1000 + 100))
  } finally {
    await context.close()
  }
}
