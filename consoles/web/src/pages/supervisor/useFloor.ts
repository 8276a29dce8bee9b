/** What the supervisor's panels share: the chosen campaign, its settings, and the orders to it. */
import { computed, inject, provide, ref, shallowRef, watch, type InjectionKey } from 'vue'
import { api } from '@/api/endpoints'
import type { Campaign, CampaignSettings } from '@/api/types'
import { sampleOf, type Sample } from '@/pages/supervisor/floor'
import { useAskedNumber } from '@/router'
import { useLive } from '@/stores/live'
import { useToasts } from '@/stores/toasts'
import { useCampaignOrders } from '@/ui/campaignOrders'
import { useProblems } from '@/ui/problem'
import { useWords } from '@/i18n'

const SAMPLE_MS = 1000
const KEPT_SAMPLES = 900

function makeFloor() {
  const live = useLive()
  const toasts = useToasts()
  const { attempt } = useProblems()
  const { t } = useWords()
  const campaigns = shallowRef<Map<number, Campaign>>(new Map())
  /** The one that the address names, else the first that runs. */
  const asked = useAskedNumber('campaign')
  const first = ref<number | null>(null)
  const selected = computed(() => (asked.value !== null && campaigns.value.has(asked.value) ? asked.value : first.value))
  const samples = shallowRef<Map<number, Sample[]>>(new Map())

  const campaign = computed(() => (selected.value === null ? null : (campaigns.value.get(selected.value) ?? null)))
  const view = computed(() => (selected.value === null ? null : (live.floor?.campaigns.get(selected.value) ?? null)))

  function keep(one: Campaign): void {
    campaigns.value = new Map(campaigns.value).set(one.id, one)
  }
  const { taken } = useCampaignOrders(keep)

  async function load(): Promise<void> {
    const items = (await attempt(() => api.campaigns()))?.items
    if (items) campaigns.value = new Map(items.map((one) => [one.id, one]))
    first.value ??= items?.find((one) => one.status === 'running')?.id ?? items?.[0]?.id ?? null
  }

  async function turn(id: number, action: 'start' | 'pause' | 'stop'): Promise<void> {
    const done = await attempt(() => api.campaignStatus(id, action, ''))
    if (done) {
      keep(done)
      toasts.say('good', t(`floor.did.${action}`, { name: done.name }))
    }
  }

  /** Apply changed settings; false when they were not taken (another supervisor was faster, or a bound). */
  async function change(settings: Partial<CampaignSettings>, reason: string): Promise<boolean> {
    const now = campaign.value
    if (!now) return false
    return taken(() => api.changeCampaign(now.id, now.settings_version, settings, reason), now.id, t('control.applied'))
  }

  async function undo(version: number | null, reason: string): Promise<boolean> {
    const now = campaign.value
    if (!now) return false
    return taken(() => api.undoCampaign(now.id, now.settings_version, version, reason), now.id, t('control.undone'))
  }

  function capOf(id: number): number | null {
    return campaigns.value.get(id)?.settings.max_abandonment ?? null
  }

  function sample(): void {
    const next = new Map(samples.value)
    for (const one of live.floor?.campaigns.values() ?? []) {
      next.set(one.id, [...(next.get(one.id) ?? []), sampleOf(one, live.serverNow)].slice(-KEPT_SAMPLES))
    }
    samples.value = next
  }

  // Somebody else changed a campaign (or made one): the wire tells the version, the settings come by HTTP.
  watch(
    () => [...(live.floor?.campaigns.values() ?? [])].map((one) => `${one.id}:${one.settings_version}:${one.status}`).join(),
    (now) => {
      const stale = [...(live.floor?.campaigns.values() ?? [])].some(
        (one) => campaigns.value.get(one.id)?.settings_version !== one.settings_version,
      )
      if (now && stale) void load()
    },
  )

  return {
    campaigns, selected, campaign, view, samples, load, turn, change, undo, capOf, sample,
    select: (id: number) => (asked.value = id),
    SAMPLE_MS,
  }
}

export type Floor = ReturnType<typeof makeFloor>
const KEY: InjectionKey<Floor> = Symbol('floor')

/** Once, by the page. */
export function provideFloor(): Floor {
  const floor = makeFloor()
  provide(KEY, floor)
  return floor
}

export function useFloor(): Floor {
  const floor = inject(KEY)
  if (!floor) throw new Error('the supervisor page provides the floor')
  return floor
}
