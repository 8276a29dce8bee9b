import type { Role } from '@/api/types'

export type GuideName = 'agent' | 'supervisor' | 'quality'

/** The guides a role is shown, its own first; who supervises agents may read theirs. */
export function guidesOf(role: Role): GuideName[] {
  const all: GuideName[] = ['supervisor', 'quality', 'agent']
  return ({ agent: ['agent'], supervisor: all, admin: all, qa: ['quality'] } satisfies Record<Role, GuideName[]>)[role]
}
