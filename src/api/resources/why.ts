import { Type, type Static } from 'typebox'
import type { EventView } from '../../control/events/record.ts'
import type { EvseView, NodeView } from '../../control/view.ts'
import type { ProfileRecord } from '../../domain/charging-profile.ts'
import type { EvseState } from '../../domain/evse-state.ts'
import type { Plan } from '../../domain/plan.ts'
import type { Node } from '../../domain/site.ts'
import { named, nullable, number, text, time } from '../shapes.ts'
import { iso } from '../time.ts'
import type { Words } from '../words.ts'
import { EVENT, presentEvent } from './event.ts'
import { EVSE, presentEvse } from './evse.ts'
import { NODE, presentNode } from './node.ts'
import { PLANNED_SESSION, presentPlannedSession } from './plan.ts'
import { PROFILE_RECORD, presentProfileRecord } from './profile.ts'
import { presentSession, SESSION } from './session.ts'

const PLAN_PART = named('PlanPart', 'What the plan wants for the session', {
  planId: text(),
  start: time('of the first step'),
  stepS: number(),
  session: PLANNED_SESSION,
})

export const WHY = named('Why', 'Why an EVSE has the limit that it has', {
  at: nullable(time('of the control tick that decided; null before the first')),
  summary: text('the limit and what binds it, in one sentence'),
  evse: EVSE,
  session: nullable(SESSION),
  nodes: Type.Array(NODE, { description: 'from the EVSE up to the grid connection' }),
  profiles: Type.Array(PROFILE_RECORD),
  plan: nullable(PLAN_PART),
  events: Type.Array(EVENT, { description: 'not over, and about this EVSE' }),
})

/** What an explanation is made of. */
export interface WhyParts {
  /** Of the last control tick; 0 = none yet. */
  readonly atMs: number
  readonly state: EvseState
  /** Absent before the first control tick. */
  readonly seen: EvseView | undefined
  readonly nodes: readonly (readonly [node: Node, view: NodeView | undefined])[]
  readonly profiles: readonly ProfileRecord[]
  readonly plan: Plan | null
  readonly events: readonly EventView[]
}

export const presentWhy = (parts: WhyParts, words: Words): Static<typeof WHY> => {
  const { atMs, state, seen, nodes, profiles, plan, events } = parts
  const { session } = state
  return {
    at: atMs > 0 ? iso(atMs) : null,
    summary: seen
      ? `${seen.limitA} A: ${seen.reasons.map((reason) => words.reason(reason)).join('; ')}`
      : 'Nothing has been decided yet',
    evse: presentEvse(state, seen, words),
    session: session && presentSession(session),
    nodes: nodes.map(([node, view]) => presentNode(node, view, words)),
    profiles: profiles.map(presentProfileRecord),
    plan: plan && session && presentPlanPart(plan, session.id),
    events: events.map(presentEvent),
  }
}

const presentPlanPart = (plan: Plan, sessionId: string): Static<typeof PLAN_PART> | null => {
  const planned = plan.sessions.find((one) => one.sessionId === sessionId)
  if (planned === undefined) return null
  const { id: planId, startMs, stepS } = plan
  return { planId, start: iso(startMs), stepS, session: presentPlannedSession(planned) }
}
