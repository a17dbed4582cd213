import type { Static } from 'typebox'
import type { EVENT, EVENT_DETAIL } from '../api/resources/event.ts'
import type { EVSE, EVSE_STATE, GRANT, GRANT_CHANGE } from '../api/resources/evse.ts'
import type { NODE } from '../api/resources/node.ts'
import type { PLAN, PRICE_SERIES } from '../api/resources/plan.ts'
import type { PROFILE_RECORD, SCHEDULE } from '../api/resources/profile.ts'
import type { LATEST_READING } from '../api/resources/reading.ts'
import type { REASON } from '../api/resources/reason.ts'
import type { SESSION } from '../api/resources/session.ts'
import type { SITE, SITE_SUMMARY } from '../api/resources/site.ts'
import type { API_TOKEN } from '../api/resources/token.ts'
import type { PROBLEM } from '../api/shapes.ts'

/** What the API answers, in the API's own types: the page cannot drift away from it. */
export type Site = Static<typeof SITE>
export type SiteSummary = Static<typeof SITE_SUMMARY>
export type Load = Site['loads'][number]
export type LatestReading = Static<typeof LATEST_READING>
export type Node = Static<typeof NODE>
export type NodeState = NonNullable<Node['now']>
export type Evse = Static<typeof EVSE>
export type EvseState = Static<typeof EVSE_STATE>
export type Grant = Static<typeof GRANT>
export type GrantChange = Static<typeof GRANT_CHANGE>
export type Reason = Static<typeof REASON>
export type Session = Static<typeof SESSION>
export type GridEvent = Static<typeof EVENT>
export type EventDetail = Static<typeof EVENT_DETAIL>
export type Plan = Static<typeof PLAN>
export type PlannedSession = Plan['sessions'][number]
export type PriceSeries = Static<typeof PRICE_SERIES>
export interface Prices {
  readonly series: readonly PriceSeries[]
}
export type ProfileRecord = Static<typeof PROFILE_RECORD>
export type Schedule = Static<typeof SCHEDULE>
export type ApiToken = Static<typeof API_TOKEN>
export type Problem = Static<typeof PROBLEM>

/** Everything that explains the limit of one EVSE. */
export interface Why {
  readonly at: string | null
  readonly evse: Evse
  readonly session: Session | null
  /** From the EVSE up to the grid connection. */
  readonly nodes: readonly Node[]
  readonly profiles: readonly ProfileRecord[]
  readonly plan: {
    readonly start: string
    readonly stepS: number
    readonly session: PlannedSession
  } | null
  readonly events: readonly GridEvent[]
}

/** A grant with what the EVSE draws, as snapshots have it. */
export type LiveGrant = Grant & {
  readonly drawA: PerPhase | null
  readonly powerW: number | null
  readonly online: boolean
}

/** The message `snapshot` of the stream. */
export interface Snapshot {
  readonly site: SiteSummary
  readonly nodes: readonly Node[]
  readonly grants: readonly LiveGrant[]
}

/** Every other message of the stream. */
export interface Change<T = unknown> {
  readonly id: string
  readonly at: string
  readonly data: T
}

export interface Page<T> {
  readonly items: T[]
  readonly nextOffset: number | null
}

export type PerPhase = readonly [number, number, number]
export const PHASE_NAMES = ['L1', 'L2', 'L3'] as const
