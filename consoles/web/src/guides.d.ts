/** Made by plugins/guides.ts. */
declare module 'virtual:guides' {
  import type { Guide } from '../plugins/guides'
  import type { Locale } from '@/api/types'
  const guides: Record<Locale, Record<'agent' | 'supervisor' | 'quality', Guide>>
  export default guides
}
