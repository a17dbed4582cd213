import type { SessionNeed } from '../domain/session.ts'
import type { Site } from '../domain/site.ts'
import type { Clock } from '../ports/clock.ts'
import type { Fabric } from '../ports/fabric.ts'
import type { Log } from '../ports/log.ts'
import type { Random } from '../ports/random.ts'
import type { Storage } from '../ports/storage.ts'
import type { DataTransferHandlers } from './data-transfer.ts'
import type { IdToken } from './id-tokens.ts'

/** A station of the configuration. Its EVSEs are those of `site.evses` with its id. */
export interface StationSettings {
  readonly stationId: string
  /** Protocols that it may speak (`ocpp1.6`, `ocpp2.0.1`); empty = any. */
  readonly protocols: readonly string[]
  /** Hashes of the passwords that it may use; empty = no password is asked for. */
  readonly passwordHashes: readonly string[]
}

export interface AuthorizationPolicy {
  /** Tokens that nobody entered. */
  readonly unknownTokens: 'accept' | 'reject'
  /** The same token in a second transaction. */
  readonly concurrentTransactions: 'accept' | 'refuse'
}

/** Bounds of the work that a storm of boots causes. */
export interface AdmissionSettings {
  /** Set-ups that run at the same time. */
  readonly maxConcurrent: number
  /** Set-ups that may wait; further boots are answered Pending. */
  readonly maxWaiting: number
  /** Mean of the jittered interval that a Pending boot is told. */
  readonly pendingIntervalS: number
}

/** What a session needs while nobody said anything. */
export interface DefaultNeed {
  readonly energyWh: SessionNeed['energyWh']
  /** Departure after the plug-in; `null` = not known. */
  readonly stayS: number | null
}

export interface CsmsOptions {
  readonly clock: Clock
  readonly random: Random
  readonly storage: Storage
  readonly fabric: Fabric
  readonly log: Log
  readonly site: Site
  readonly stations: readonly StationSettings[]
  readonly unknownStations?: 'quarantine' | 'refuse'
  /** Unknown stations that are remembered; beyond it they are refused. */
  readonly maxQuarantined?: number
  readonly heartbeatIntervalS?: number
  readonly authorization?: AuthorizationPolicy
  /** Tokens of the configuration; what people entered or removed since comes before them. */
  readonly idTokens?: readonly IdToken[]
  readonly admission?: AdmissionSettings
  readonly defaultNeed?: DefaultNeed
  /** A transaction on an EVSE that has been available for so long has ended without a word. */
  readonly ghostAfterS?: number
  /** Vendor extensions of DataTransfer: vendor id -> message id -> handler. */
  readonly dataTransfer?: DataTransferHandlers
}

export const DEFAULTS = {
  unknownStations: 'quarantine',
  maxQuarantined: 1_000,
  heartbeatIntervalS: 300,
  authorization: { unknownTokens: 'reject', concurrentTransactions: 'refuse' },
  admission: { maxConcurrent: 16, maxWaiting: 2_000, pendingIntervalS: 60 },
  idTokens: [],
  defaultNeed: { energyWh: null, stayS: null },
  ghostAfterS: 300,
  dataTransfer: {},
} as const satisfies Partial<CsmsOptions>
