/** What the screen believes, as a pure function of what the server pushed. Nothing else may change it. */
import type { AgentRow, AgentView, CampaignView, FloorView, ServerMessage, TrunkView } from '@/live/wire'

export interface Floor {
  epoch: number
  seq: number
  serverTime: string
  campaigns: Map<number, CampaignView>
  agents: Map<number, AgentRow>
  pbxUp: boolean
  /** False while the PBX has another dialplan than the engine needs: nothing is dialled. */
  dialplanOk: boolean
  /** False while a running campaign needs the detector and it does not answer. */
  earsUp: boolean
  trunks: TrunkView[]
  alarms: number
  /** False until a whole view of this epoch was seen. */
  whole: boolean
}

export interface LiveState {
  agent: AgentView | null
  floor: Floor | null
  /** Whether the engine answers behind the web server. */
  engine: boolean
  /** Server clock minus ours, in ms. */
  skew: number
  /** Our clock at the last message of any kind; 0 = none yet. */
  heardAt: number
}

export const NOTHING: LiveState = { agent: null, floor: null, engine: true, skew: 0, heardAt: 0 }

/** Whether (epoch, seq) comes after what is held; a higher epoch restarts seq. */
export function newer(held: { epoch: number; seq: number } | null, next: { epoch: number; seq: number }): boolean {
  if (held === null) return true
  return next.epoch > held.epoch || (next.epoch === held.epoch && next.seq > held.seq)
}

/** Next state after one message received at `now` (ms). Old or repeated views change nothing but the last-heard time. */
export function reduce(state: LiveState, message: ServerMessage, now: number): LiveState {
  const heard = { ...state, heardAt: now }
  switch (message.type) {
    case 'agent':
      if (!newer(state.agent, message)) return heard
      return { ...heard, agent: message, skew: Date.parse(message.server_time) - now }
    case 'floor':
      return { ...heard, floor: nextFloor(state.floor, message), skew: Date.parse(message.server_time) - now }
    case 'link':
      return { ...heard, engine: message.engine }
    case 'ping':
      return { ...heard, skew: Date.parse(message.server_time) - now }
    default:
      return heard
  }
}

function nextFloor(held: Floor | null, view: FloorView): Floor {
  if (held !== null && !newer(held, view)) {
    // A whole view answers our own (re)connection: with an equal number it is the same truth, told completely.
    const same = view.whole && view.epoch === held.epoch && view.seq === held.seq
    if (!same) return held
  }
  const fresh = held === null || view.whole || view.epoch > held.epoch
  return {
    epoch: view.epoch,
    seq: view.seq,
    serverTime: view.server_time,
    campaigns: merged(fresh ? null : held.campaigns, view.campaigns),
    agents: merged(fresh ? null : held.agents, view.agents),
    pbxUp: view.pbx_up,
    dialplanOk: view.dialplan_ok !== false,
    earsUp: view.ears_up !== false,
    trunks: view.trunks ?? [],
    alarms: view.alarms,
    whole: view.whole || (!fresh && held.whole),
  }
}

function merged<Row extends { id: number }>(held: Map<number, Row> | null, rows: Row[]): Map<number, Row> {
  const next = new Map(held ?? [])
  for (const row of rows) next.set(row.id, row)
  return next
}
