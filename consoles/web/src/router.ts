/** Addresses and pages: who may go where, and what the address says beside its path. */
import { computed, ref, watch, type Ref, type WritableComputedRef } from 'vue'
import { createRouter, createWebHistory, useRoute, useRouter, type LocationQuery, type RouteLocationNormalized, type RouteRecordRaw, type Router } from 'vue-router'
import { ADDRESSES, pathOf, type Address, type PageName } from '@/addresses'
import type { Role } from '@/api/types'
import { homeOf, useSession } from '@/stores/session'
import LoginPage from '@/pages/LoginPage.vue'
import NotFoundPage from '@/pages/NotFoundPage.vue'

declare module 'vue-router' {
  interface RouteMeta {
    /** None: no such address. */
    address?: Address
  }
}

const PAGES: Record<PageName, NonNullable<RouteRecordRaw['component']>> = {
  login: LoginPage,
  agent: () => import('@/pages/agent/AgentPage.vue'),
  supervisor: () => import('@/pages/supervisor/SupervisorPage.vue'),
  portfolio: () => import('@/pages/portfolio/PortfolioPage.vue'),
  qa: () => import('@/pages/qa/QaPage.vue'),
  gallery: () => import('@/pages/gallery/GalleryPage.vue'),
  help: () => import('@/pages/help/HelpPage.vue'),
}

export const routes: RouteRecordRaw[] = [
  { path: '/', redirect: '/login' },
  ...ADDRESSES.map((address): RouteRecordRaw => ({ path: address.path, component: PAGES[address.page], meta: { address } })),
  { path: '/:rest(.*)*', component: NotFoundPage },
]

/** The login, after which one comes back to what was wished; '' = home. Kept with the page of the history, never in an address that could be sent to others. */
export function loginFirst(wish: string) {
  return { path: '/login', replace: true, state: { wish } }
}

/** Where the login leads: to what was wished, else home. */
function inside(router: Router, role: Role) {
  const wish = (history.state as { wish?: string } | null)?.wish
  const { path, query, hash } = router.resolve(wish || homeOf(role))
  return { path, query, hash, replace: true, state: { wish: '' } }
}

/** Nobody passes before it is known who they are, and everybody only to what is theirs. */
async function admit(router: Router, to: RouteLocationNormalized) {
  const session = useSession()
  await session.whenKnown()
  const address = to.meta.address
  if (!address) return true
  if (address.page === 'login') return session.user ? inside(router, session.user.role) : true
  if (!session.user) return loginFirst(to.fullPath)
  const { role } = session.user
  return address.roles.includes(role) || { path: address.page === 'help' ? '/help' : homeOf(role), replace: true }
}

export function makeRouter(): Router {
  const router = createRouter({ history: createWebHistory(), routes })
  router.beforeEach((to) => admit(router, to))
  router.afterEach(() => void (waiting = null))
  return router
}

/** Go on from the login. */
export function enter(router: Router, role: Role): void {
  void router.replace(inside(router, role))
}

/** What is asked beside the path, but has not reached the address yet: two values that change at once must both arrive. */
let waiting: LocationQuery | null = null

/** Set values of the address's query; '' takes one out. A new page of the history only where it is wanted. */
export function useAsk(): (values: Record<string, string>, how?: 'push' | 'replace') => void {
  const router = useRouter()
  return (values, how = 'replace') => {
    const now = router.currentRoute.value.query
    const next = { ...(waiting ?? now) }
    for (const [name, value] of Object.entries(values)) {
      if (value === '') delete next[name]
      else next[name] = value
    }
    if (sameQuery(next, waiting ?? now)) return
    waiting = next
    void router[how]({ query: next, hash: router.currentRoute.value.hash })
  }
}

function sameQuery(one: LocationQuery, other: LocationQuery): boolean {
  const [names, others] = [Object.keys(one), Object.keys(other)]
  return names.length === others.length && names.every((name) => one[name] === other[name])
}

function said(query: LocationQuery, name: string): string {
  const value = query[name]
  return typeof value === 'string' ? value : ''
}

/** A value of the address's query, as a ref; the blank is not written. */
export function useAsked<T extends string = string>(name: string, blank: T = '' as T): Ref<T> {
  const route = useRoute()
  const ask = useAsk()
  const value = ref(said(route.query, name) || blank) as Ref<T>
  watch(value, (now) => ask({ [name]: now === blank ? '' : now }), { flush: 'sync' })
  watch(() => said(route.query, name), (now) => (value.value = (now || blank) as T))
  return value
}

/** The same for a whole number; null = not said. */
export function useAskedNumber(name: string): WritableComputedRef<number | null> {
  const text = useAsked(name)
  return computed({
    get: () => (/^\d{1,15}$/.test(text.value) ? Number(text.value) : null),
    set: (number) => (text.value = number === null ? '' : String(number)),
  })
}

/** The tab of a page that has its own address; what was asked of all tabs is taken along. */
export function useTab<T extends string>(page: PageName, along: string[] = []): WritableComputedRef<T> {
  const route = useRoute()
  const router = useRouter()
  return computed({
    get: () => (route.meta.address?.part ?? '') as T,
    set: (part) => {
      const query = Object.fromEntries(along.flatMap((name) => (route.query[name] === undefined ? [] : [[name, route.query[name]]])))
      void router.push({ path: pathOf(page, part), query })
    },
  })
}

/** A number in the path; null = none. */
export function useIdInPath(): Ref<number | null> {
  const route = useRoute()
  return computed(() => (typeof route.params['id'] === 'string' ? Number(route.params['id']) : null))
}

