import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { ADDRESSES, type PageName } from '@/addresses'
import { api } from '@/api/endpoints'
import { ApiProblem, setCsrf } from '@/api/http'
import type { Codes, Locale, Role, Session } from '@/api/types'
import { setLanguage } from '@/i18n'

const CONSOLES: PageName[] = ['agent', 'supervisor', 'portfolio', 'qa']
const NO_CODES: Codes = { pause_codes: [], dispositions: [], skills: [], rule_packs: [] }

/** Who is logged in, and the codes that every screen needs. */
export const useSession = defineStore('session', () => {
  const session = ref<Session | null>(null)
  const codes = ref<Codes>(NO_CODES)
  const known = ref(false)
  let nowKnown: () => void = () => undefined
  const whenKnown = new Promise<void>((done) => (nowKnown = done))
  watch(known, nowKnown, { once: true, flush: 'sync' })
  /** Somebody is leaving of their own will: nothing is kept for them to come back to. */
  const left = ref(false)
  /** A language chosen before the login is that of who logs in. */
  const chosen = ref<Locale | null>(null)
  const user = computed(() => session.value?.user ?? null)

  async function take(next: Session): Promise<void> {
    setCsrf(next.csrf)
    setLanguage(next.user.locale)
    codes.value = await api.codes()
    session.value = next
    known.value = true
  }

  /** Ask the server who we are; nobody is no error. */
  async function load(): Promise<void> {
    try {
      await take(await api.session())
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.status !== 401) throw error
      known.value = true
    }
  }

  async function logIn(login: string, password: string): Promise<void> {
    const mine = await api.logIn(login, password)
    setCsrf(mine.csrf)
    const other = chosen.value !== null && chosen.value !== mine.user.locale
    await take(other ? await api.setLocale(chosen.value!).catch(() => mine) : mine)
    chosen.value = null
  }

  async function logOut(): Promise<void> {
    left.value = true
    try {
      await api.logOut()
    } finally {
      forget()
    }
  }

  /** The session is over: show the login. */
  function forget(): void {
    session.value = null
    setCsrf('')
    left.value = false
  }

  /** Switch at once; the server remembers it for the next login. */
  async function speak(locale: Locale): Promise<void> {
    setLanguage(locale)
    if (!session.value) chosen.value = locale
    if (session.value) session.value = await api.setLocale(locale)
  }

  return { session, user, codes, known, whenKnown: () => whenKnown, left, load, logIn, logOut, forget, speak }
})

/** Where a role lands after the login. */
export function homeOf(role: Role): string {
  return { agent: '/agent', supervisor: '/supervisor', admin: '/supervisor', qa: '/qa' }[role]
}

/** The consoles a role may open. */
export function consolesOf(role: Role): PageName[] {
  return CONSOLES.filter((page) => ADDRESSES.some((one) => one.path === `/${page}` && one.roles.includes(role)))
}
