import type { Controller } from '../control/controller.ts'
import type { EventLifecycle } from '../control/event-lifecycle.ts'
import type { Prices } from '../control/planning/prices.ts'
import type { Audit } from '../csms/audit.ts'
import type { IdTokens } from '../csms/id-tokens.ts'
import type { Journal } from '../csms/journal.ts'
import type { Sessions } from '../csms/sessions.ts'
import type { Stations } from '../csms/stations.ts'
import type { Transactions } from '../csms/transactions.ts'
import type { Variables } from '../csms/variables.ts'
import type { Plan } from '../domain/plan.ts'
import type { Site } from '../domain/site.ts'
import type { Clock } from '../ports/clock.ts'
import type { Conditions } from '../ports/conditions.ts'
import type { Fabric } from '../ports/fabric.ts'
import type { Fleet } from '../ports/fleet.ts'
import type { Log } from '../ports/log.ts'
import type { Health } from '../ports/meter-source.ts'
import type { Readings } from '../ports/readings.ts'
import type { Comms } from '../ports/signal-source.ts'
import type { StationGateway } from '../ports/station-gateway.ts'
import type { StorageReader } from '../ports/storage.ts'
import type { ApiTokens } from './tokens.ts'

/** Everything that the API shows and acts upon. The composition root hands it over. */
export interface ApiDeps {
  readonly version: string
  readonly site: Site
  /** ISO 4217, of the site's prices and costs. */
  readonly currency: string
  readonly clock: Clock
  readonly log: Log
  readonly storage: StorageReader
  readonly fabric: Pick<Fabric, 'subscribe'>
  /** Loaded before the API listens. */
  readonly tokens: ApiTokens
  readonly csms: ApiCsms
  readonly controller: Pick<Controller, 'view' | 'profiles'>
  readonly events: Pick<
    EventLifecycle,
    'active' | 'all' | 'find' | 'history' | 'create' | 'replace' | 'cancel' | 'optOut'
  >
  /** The plan that is followed now. */
  readonly plan: () => Plan | null
  readonly prices: Pick<Prices, 'all' | 'at'>
  readonly gateway: Pick<
    StationGateway,
    'call' | 'remoteStart' | 'remoteStop' | 'unlock' | 'changeAvailability'
  >
  readonly meters: Pick<Readings, 'latest'> & { health(): readonly MeterState[] }
  /** Sources of events and of prices. */
  readonly sources: () => readonly SourceState[]
  readonly conditions: Pick<Conditions, 'list'>
  /** For the password of a station that is adopted. */
  readonly hashPassword: (password: string) => Promise<string>
  readonly ready: () => Readiness
  readonly metrics: MetricsSource
  readonly settings?: ApiSettings
}

/** The parts of the central system that the API uses; a `Csms` has them all. */
export interface ApiCsms {
  readonly fleet: Fleet
  readonly stations: Pick<Stations, 'find' | 'list' | 'get' | 'adopt' | 'remove' | 'holdBoot'>
  readonly sessions: Pick<Sessions, 'open' | 'get' | 'setNeed' | 'setPriority'>
  readonly transactions: Pick<Transactions, 'list' | 'get' | 'close'>
  readonly idTokens: Pick<IdTokens, 'list' | 'get' | 'find' | 'put' | 'remove'>
  readonly variables: Pick<Variables, 'list'>
  readonly audit: Pick<Audit, 'entry'>
  readonly journal: Pick<Journal, 'commit'>
}

/** What a meter says of itself. */
export interface MeterState extends Health {
  readonly meterId: string
  /** `null`: it never said anything usable. */
  readonly ageS: number | null
  readonly stale: boolean
  /** Quantities that were worked out, not measured. */
  readonly derived: readonly string[]
  readonly readings: number
  readonly bad: number
}

export interface SourceState {
  readonly id: string
  /** What it delivers. */
  readonly delivers: 'events' | 'prices'
  readonly health: Health
  /** For authorities that send a heartbeat. */
  readonly comms: Pick<Comms, 'state' | 'sinceMs' | 'complete'> | null
}

export interface Readiness {
  readonly ok: boolean
  readonly checks: readonly ReadinessCheck[]
}

export interface ReadinessCheck {
  readonly name: string
  readonly ok: boolean
  /** For an operator; shown only to holders of a token. */
  readonly detail: string
}

/** Numbers for `/metrics`. They are read at each scrape, so they must be cheap. */
export interface MetricsSource {
  /** Totals by name; a record in it is one total with a label. */
  readonly ocpp: () => object
  readonly connections: () => number
  readonly ticks: () => TickStats
  /** `null` for a storage that has no queue. */
  readonly storage: () => StorageStats | null
}

export interface TickStats {
  readonly count: number
  /** Time spent in all ticks, seconds. */
  readonly totalS: number
  readonly lastS: number
  readonly longestS: number
}

export interface StorageStats {
  /** Records that became durable. */
  readonly records: number
  readonly batches: number
  readonly waitingRecords: number
  readonly waitingBytes: number
  readonly waitingQueries: number
  readonly refusedCommits: number
  readonly droppedAppends: number
}

export interface ApiSettings {
  /** Folder of the built dashboard; `null` = there is none. */
  readonly webRoot?: string | null
  /** `/metrics` without a token, for a scraper on the same host; false. */
  readonly openMetrics?: boolean
  /** Addresses of proxies whose X-Forwarded-For is believed; none. */
  readonly trustedProxies?: readonly string[]
  /** Open streams; 100. */
  readonly maxStreams?: number
  /** Changes that a stream can make up for after a lost connection; 10 000. */
  readonly streamMemory?: number
  /** Time between two snapshots of the site in streams; 2 000. */
  readonly snapshotMs?: number
}
