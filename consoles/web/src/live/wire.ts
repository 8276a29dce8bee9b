/** The names by which pages call the live wire's messages; the shapes are made from agent_ws/messages.py. */
import type * as M from '@/live/messages'

export { SUBPROTOCOL } from '@/live/messages'
export type * from '@/live/messages'

export type Debt = M.DebtView
export type LastContact = M.ContactView
export type Person = M.PersonView
export type Handover = M.HandoverView
export type DecisionWhy = M.WhyView
export type Hold = M.HoldView

/** Of a callback that the rules would refuse: which, and when it is possible first. */
export type Refused = M.Refused & Partial<Pick<M.CallbackRefused, 'rule' | 'first_at'>>
