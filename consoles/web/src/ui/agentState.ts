/** What an agent's state looks like, on their own screen and on the supervisor's board. */
import type { IconName } from '@/ui/Icon.vue'
import type { AgentState } from '@/live/wire'

export type Tone = 'call' | 'accent' | 'wrap' | 'ready' | 'paused' | 'offline'

/** In the order of the board; typed by the wire, so that a new state cannot be left without a look. */
export const LOOK: Record<AgentState, { icon: IconName; tone: Tone }> = {
  on_call: { icon: 'dial', tone: 'call' },
  calling: { icon: 'bell', tone: 'call' },
  preview: { icon: 'person', tone: 'accent' },
  wrap_up: { icon: 'clock', tone: 'wrap' },
  ready: { icon: 'check', tone: 'ready' },
  paused: { icon: 'pause', tone: 'paused' },
  offline: { icon: 'exit', tone: 'offline' },
}
export const STATES = Object.keys(LOOK) as AgentState[]

/** A state that a newer engine has and this page does not is shown without colour, not hidden. */
export function lookOf(state: string): { icon: IconName; tone: Tone } {
  return LOOK[state as AgentState] ?? { icon: 'more', tone: 'offline' }
}
