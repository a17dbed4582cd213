import type { ChargingProfile } from '../domain/charging-profile.ts'
import type { ProfileCapability, EvseState } from '../domain/evse-state.ts'
import type { EvseStatus, Session, Transaction } from '../domain/session.ts'
import type { ClockWatch } from './clock-watch.ts'
import type { EnergyMeter } from './energy-meter.ts'
import type { ExternalLimit } from './external-limits.ts'
import type { Heard } from './replays.ts'
import type { Outlet } from './measurement.ts'
import type { PlausibilityCheck } from './plausibility.ts'
import type { MeterSet } from './sampled-value.ts'
import type { StationSettings } from './options.ts'
import type { ChargingState } from './status.ts'

/**
 * What the central system holds in memory. Each record has one owner (the service of its name);
 * others read it. Records are changed in place: a meter value must not cost a copy of the world.
 */
export type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** One authenticated socket; the transport's StationLink has this shape. */
export interface Connection {
  readonly stationId: string
  readonly protocol: string
  /** Rises with every connection of any station. */
  readonly generation: number
  readonly remoteAddress: string
  readonly connectedAtMs: number
  close(code: number, reason: string): void
}

/**
 * `known`: configured. `adopted`: let in by an operator; it can be talked to, but stays powerless
 * until the configuration gives its EVSEs a place in the site. `quarantined`: seen, never let in.
 * `removed`: taken out by an operator.
 */
export type StationState = 'known' | 'adopted' | 'quarantined' | 'removed'

/**
 * Where a station stands with its boot. `waiting`: connected, not heard; a station that was accepted
 * before may go on without a new BootNotification.
 */
export type BootState = 'offline' | 'waiting' | 'accepted' | 'pending' | 'rejected'

/** What the set-up learned of a station; valid for one firmware version. */
export interface Learned {
  readonly firmware: string
  readonly profile: ProfileCapability
  /** Measurands that the station accepted, as its configuration spells them; `null` = never set. */
  readonly measurands: string | null
  /** Fallbacks that were tried once after a refused profile, so that refusals stay cheap. */
  readonly tried: readonly string[]
  /** A reset was sent because a change asked for it: never a second time. */
  readonly resetSent: boolean
}

export interface StationRecord {
  readonly stationId: string
  /** `null`: not in the configuration (quarantined, adopted or removed). */
  readonly settings: StationSettings | null
  state: StationState
  protocol: string | null
  vendor: string | null
  model: string | null
  firmware: string | null
  serialNumber: string | null
  passwordHash: string | null
  boot: BootState
  /** Operator's wish for the next boots, for tests and repairs; `null` = none. */
  hold: 'pending' | 'rejected' | null
  connection: Connection | null
  /** Actions that we asked of the station while it was Pending. */
  readonly triggered: Set<string>
  /** Last accepted boot; `null` = never accepted. */
  bootedAtMs: number | null
  lastSeenAtMs: number | null
  createdAtMs: number
  learned: Learned | null
  /** The station said that a change needs a reboot. */
  rebootRequired: boolean
  /** Last word on firmware and log uploads. */
  firmwareStatus: string | null
  logStatus: string | null
  /** Limits that the station got from others, by EVSE and source. */
  readonly externalLimits: Map<string, ExternalLimit>
  readonly clock: ClockWatch
  /** EVSEs that have a place in the site, by id. */
  readonly evses: Map<number, EvseRecord>
  /** Transactions that have not ended, by id. */
  readonly transactions: Map<string, LiveTransaction>
}

export interface EvseRecord {
  readonly station: StationRecord
  readonly outlet: Outlet
  /** What the controller reads. */
  readonly state: Mutable<EvseState>
  /** The same object as `state.session`, for its owner. */
  session: Mutable<Session> | null
  sessionStoredAtMs: number
  /** The transaction that is going on here now. */
  transaction: LiveTransaction | null
  /** What the station reports, over all connectors. */
  reported: EvseStatus
  /**
   * When each connector became what it is, by the station's word in our time: an older report of it
   * is ignored.
   */
  readonly statusAtMs: Map<number, number>
  /** When we heard it. */
  reportedAtMs: number
  readonly connectors: Map<number, EvseStatus>
  errorCode: string | null
  /** The latest MeterValues, against their repeat; `null` = none since we started. */
  latestValues: LatestValues | null
  /** OCPP 2.x; `null` without transaction. */
  chargingState: ChargingState | null
  /** Last profile of the running transaction that the station accepted. */
  installed: ChargingProfile | null
  readonly meter: EnergyMeter
  readonly plausibility: PlausibilityCheck
}

export interface LatestValues {
  /** Of the first set, by the station's clock. */
  readonly statedMs: number
  readonly sets: readonly MeterSet[]
  /** When they are durable; `null` = nobody waits for it. */
  readonly stored: Promise<void> | null
}

export interface LiveTransaction {
  readonly row: Mutable<Transaction>
  readonly station: StationRecord
  /** `null`: the EVSE has no place in the site, or is not known yet. */
  evse: EvseRecord | null
  /** Takes part in real time; a transaction that is replayed from an outage does not. */
  attached: boolean
  /** Last message about it, by our clock. */
  heardAtMs: number
  /** What its events said (2.x); `null` until the first one. */
  heard: Heard | null
}
