import type { Static } from 'typebox'
import type { CONDITION } from '../api/resources/condition.ts'
import type { EVENT, EVENT_DETAIL } from '../api/resources/event.ts'
import type { EVSE, EVSE_STATE, GRANT_CHANGE } from '../api/resources/evse.ts'
import type { NODE } from '../api/resources/node.ts'
import type { PLAN, PRICE_SERIES } from '../api/resources/plan.ts'
import type { PROFILE_RECORD, SCHEDULE } from '../api/resources/profile.ts'
import type { REASON } from '../api/resources/reason.ts'
import type { SESSION } from '../api/resources/session.ts'
import type { SITE } from '../api/resources/site.ts'
import type { SNAPSHOT } from '../api/resources/snapshot.ts'
import type { STATION } from '../api/resources/station.ts'
import type { API_TOKEN } from '../api/resources/token.ts'
import type { WHY } from '../api/resources/why.ts'
import type { PROBLEM } from '../api/shapes.ts'

/** What the API answers, in the API's own types: the page cannot drift away from it. */
export type Site = Static<typeof SITE>
export type Load = Site['loads'][number]
export type Node = Static<typeof NODE>
export type Evse = Static<typeof EVSE>
export type EvseState = Static<typeof EVSE_STATE>
export type GrantChange = Static<typeof GRANT_CHANGE>
export type Reason = Static<typeof REASON>
export type Session = Static<typeof SESSION>
export type GridEvent = Static<typeof EVENT>
export type EventDetail = Static<typeof EVENT_DETAIL>
export type Condition = Static<typeof CONDITION>
export type Plan = Static<typeof PLAN>
export type PlannedSession = Plan['sessions'][number]
export type PriceSeries = Static<typeof PRICE_SERIES>
export interface Prices {
  readonly series: readonly PriceSeries[]
}
export type ProfileRecord = Static<typeof PROFILE_RECORD>
export type Schedule = Static<typeof SCHEDULE>
export type Station = Static<typeof STATION>
export type ApiToken = Static<typeof API_TOKEN>
export type Problem = Static<typeof PROBLEM>

/** Everything that explains the limit of one EVSE. */
export type Why = Static<typeof WHY>

/** The message `snapshot` of the stream. */
export type Snapshot = Static<typeof SNAPSHOT>
export type LiveGrant = Snapshot['grants'][number]

/** Every other message of the stream. */
export interface Change<T = unknown> {
  readonly id: string
  readonly at: string
  readonly data: T
}

export interface Page<T> {
  readonly items: readonly T[]
  readonly nextOffset: number | null
}
