/** Orders to a campaign: said when they are taken; shown as it is now when somebody was faster. */
import { api } from '@/api/endpoints'
import { ApiProblem } from '@/api/http'
import type { Campaign } from '@/api/types'
import { useToasts } from '@/stores/toasts'
import { useProblems } from '@/ui/problem'

/** `keep` takes the campaign as it is after each order. */
export function useCampaignOrders(keep: (one: Campaign) => void) {
  const toasts = useToasts()
  const { textOf } = useProblems()

  /** Whether the order was taken (another supervisor was faster, or a bound). */
  async function taken(ask: () => Promise<Campaign>, id: number, said: string): Promise<boolean> {
    try {
      keep(await ask())
      toasts.say('good', said)
      return true
    } catch (error) {
      toasts.say('bad', textOf(error))
      if (error instanceof ApiProblem && error.code === 'version_mismatch') keep(await api.campaign(id))
      return false
    }
  }

  return { taken }
}
