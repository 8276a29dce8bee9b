import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import type { SipAccount } from '@/api/types'
import { browserProblem, LevelMeter, listDevices, openMicrophone, type DeviceList } from '@/softphone/devices'
import { OFF, problemOfMicrophone, stepPhone, type Phone, type PhoneEvent } from '@/softphone/machine'
import { Softphone } from '@/softphone/phone'
import { qualityBetween, type Counters, type Quality } from '@/softphone/quality'

const CHECKED = 'cadencia.devices-checked'
const MICROPHONE = 'cadencia.microphone'
const SPEAKER = 'cadencia.speaker'
const SHIFT_MS = 12 * 3_600_000
const LEVEL_MS = 80
const QUALITY_MS = 2000

/** The browser as a telephone: devices, registration, leg. */
export const usePhone = defineStore('phone', () => {
  const phone = shallowRef<Phone>(OFF)
  const devices = shallowRef<DeviceList>({ microphones: [], speakers: [] })
  const microphone = ref(localStorage.getItem(MICROPHONE) ?? '')
  const speaker = ref(localStorage.getItem(SPEAKER) ?? '')
  const level = ref(0)
  /** When the microphone was last heard (ms). */
  const heardAt = ref(0)
  const quality = shallowRef<Quality | null>(null)
  const shared = ref(false)
  // Once a shift and browser: a reload in mid-call goes straight back to the call.
  const checked = ref(Date.now() - Number(localStorage.getItem(CHECKED) ?? 0) < SHIFT_MS)

  const audio = new Audio()
  audio.autoplay = true
  let stream: MediaStream | null = null
  let meter: LevelMeter | null = null
  let softphone: Softphone | null = null
  let counters: Counters | null = null

  const problem = computed(() => phone.value.problem)
  const muted = computed(() => phone.value.muted)
  const legUp = computed(() => phone.value.status === 'leg_up')

  function report(event: PhoneEvent): void {
    phone.value = stepPhone(phone.value, event)
    if (event.kind === 'leg_down') quality.value = null
  }

  setInterval(() => {
    level.value = meter?.read() ?? 0
    if (level.value > 0.12) heardAt.value = Date.now()
  }, LEVEL_MS)
  setInterval(() => void measure(), QUALITY_MS)
  navigator.mediaDevices?.addEventListener('devicechange', () => void refresh())

  async function measure(): Promise<void> {
    const next = (await softphone?.counters()) ?? null
    if (next && counters) quality.value = qualityBetween(counters, next)
    counters = next
  }

  async function refresh(): Promise<void> {
    devices.value = await listDevices()
    const gone = microphone.value && !devices.value.microphones.some((one) => one.id === microphone.value)
    // An unplugged headset: go on with what is left rather than fall silent.
    if (gone && stream) await share('')
  }

  /** Ask for the microphone (or another one) and start the meter; true when it is ours. */
  async function share(device = microphone.value): Promise<boolean> {
    const lacking = browserProblem()
    if (lacking) {
      report({ kind: 'problem', problem: lacking })
      return false
    }
    try {
      const next = await openMicrophone(device)
      meter?.close()
      meter = new LevelMeter(next)
      for (const track of stream?.getTracks() ?? []) track.stop()
      stream = next
      await softphone?.useStream(next)
    } catch (error) {
      if (device && (error as DOMException).name === 'OverconstrainedError') return share('')
      report({ kind: 'problem', problem: problemOfMicrophone((error as DOMException).name) })
      return false
    }
    remember(MICROPHONE, microphone, device)
    shared.value = true
    heardAt.value = Date.now()
    if (phone.value.problem?.startsWith('microphone')) phone.value = softphone ? { ...phone.value, problem: null } : OFF
    devices.value = await listDevices()
    return true
  }

  async function useSpeaker(device: string): Promise<void> {
    const sink = audio as HTMLAudioElement & { setSinkId?: (id: string) => Promise<void> }
    await sink.setSinkId?.(device)
    remember(SPEAKER, speaker, device)
  }

  function remember(key: string, held: { value: string }, value: string): void {
    held.value = value
    localStorage.setItem(key, value)
  }

  /** The agent has heard and seen that the devices work. */
  function passCheck(): void {
    checked.value = true
    localStorage.setItem(CHECKED, String(Date.now()))
  }

  /** End of the shift: the next one starts with a check. */
  function forgetCheck(): void {
    checked.value = false
    localStorage.removeItem(CHECKED)
  }

  /** Register; the server then calls and the leg is answered by itself. */
  async function start(account: SipAccount | null): Promise<void> {
    if (softphone) return
    if (!account) return report({ kind: 'problem', problem: 'no_account' })
    if (!stream && !(await share())) return
    if (stream === null || softphone) return
    if (speaker.value) await useSpeaker(speaker.value).catch(() => remember(SPEAKER, speaker, ''))
    softphone = new Softphone(account, stream, audio, report)
    softphone.start()
  }

  /** Resolves when the phone is registered, has failed, or after so many ms. */
  function settled(within: number): Promise<void> {
    return new Promise((done) => {
      const limit = setTimeout(finish, within)
      const unwatch = watch(phone, (now) => (now.status === 'off' || now.status === 'connecting' ? undefined : finish()))
      function finish(): void {
        clearTimeout(limit)
        unwatch()
        done()
      }
    })
  }

  function stop(): void {
    softphone?.stop()
    release()
  }

  function abandon(): void {
    softphone?.abandon()
    release()
  }

  function release(): void {
    softphone = null
    meter?.close()
    meter = null
    for (const track of stream?.getTracks() ?? []) track.stop()
    stream = null
    shared.value = false
    audio.srcObject = null
    phone.value = OFF
  }

  /** The browser wanted a click before it plays sound. */
  async function unblock(): Promise<void> {
    await audio.play()
    report({ kind: 'cured', problem: 'audio_blocked' })
  }

  return {
    phone, devices, microphone, speaker, level, heardAt, quality, shared, checked, problem, muted, legUp,
    share, useSpeaker, passCheck, forgetCheck, settled, start, stop, abandon, unblock, refresh,
    mute: (on: boolean) => softphone?.mute(on),
    hold: (on: boolean) => softphone?.hold(on) ?? false,
    tone: (key: string) => softphone?.tone(key),
  }
})
