import { DEFAULT_CAPABILITY } from '../domain/evse-state.ts'
import { AppError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Storage } from '../ports/storage.ts'
import type { Row } from '../ports/tables.ts'
import type { Audit } from './audit.ts'
import type { Publish } from './changes.ts'
import { newClockWatch } from './clock-watch.ts'
import type { Journal } from './journal.ts'
import type { Learned, StationRecord, StationState } from './live.ts'
import type { StationSettings } from './options.ts'
import { createQuarantine } from './quarantine.ts'
import { viewStation, type StationView } from './station-view.ts'

export interface StationsDeps {
  readonly clock: Clock
  readonly storage: Storage
  readonly journal: Journal
  readonly publish: Publish
  readonly audit: Audit
  readonly log: Log
  readonly settings: readonly StationSettings[]
  readonly unknownStations: 'quarantine' | 'refuse'
  readonly maxQuarantined: number
}

/** What a station may show at the door. */
export interface Credentials {
  readonly state: StationState | 'unknown'
  /** Empty = any. */
  readonly protocols: readonly string[]
  /** Empty = no password is asked for. */
  readonly passwordHashes: readonly string[]
}

export type Stations = ReturnType<typeof createStations>

/** The registry: who is known, quarantined or removed, and what each station said of itself. */
export const createStations = (deps: StationsDeps) => {
  const { clock, storage, journal, publish, audit, log } = deps
  const records = new Map<string, StationRecord>()
  const quarantine = createQuarantine({ clock, log, max: deps.maxQuarantined })
  let quarantined = 0

  const add = (stationId: string, settings: StationSettings | null, state: StationState) => {
    const record = newStation(stationId, settings, state, clock.now())
    records.set(stationId, record)
    if (state === 'quarantined') quarantined++
    return record
  }

  for (const settings of deps.settings) add(settings.stationId, settings, 'known')

  const mustFind = (stationId: string): StationRecord => {
    const record = records.get(stationId)
    if (record) return record
    throw new AppError('not-found', `there is no station "${stationId}"`)
  }

  const changed = (record: StationRecord): void =>
    publish('station', record.stationId, viewStation(record))

  /** Forgets the quarantined station that was seen longest ago. False: all are connected. */
  const makeRoom = (): boolean => {
    const oldest = quarantine.oldest(records.values())
    if (oldest === null) return false
    records.delete(oldest.stationId)
    quarantined--
    if (quarantine.isStored(oldest.stationId)) {
      const { table, row } = stationRow(oldest)
      journal.note([{ table, row: { ...row, state: FORGOTTEN } }])
    }
    return true
  }

  /** A station that is ours to let in or to turn away. */
  const movable = (stationId: string): StationRecord => {
    const record = mustFind(stationId)
    if (record.settings === null) return record
    throw new AppError(
      'conflict',
      `station "${stationId}" belongs to the configuration: change it there`,
    )
  }

  /** Moves a station to another state; it reconnects under the new one. */
  const move = async (
    record: StationRecord,
    state: StationState,
    action: string,
    by: string,
  ): Promise<StationView> => {
    if (record.state === 'quarantined') quarantined--
    if (state === 'quarantined') quarantined++
    record.state = state
    const entry = audit.entry({ by, action, target: record.stationId })
    await journal.commit([stationRow(record), entry])
    record.connection?.close(1012, 'the registration changed: connect again')
    changed(record)
    return viewStation(record)
  }

  return {
    find: (stationId: string): StationRecord | undefined => records.get(stationId),
    mustFind,
    all: (): Iterable<StationRecord> => records.values(),
    changed,

    /** Writes what the station is; nobody waits for it. */
    store: (record: StationRecord): void => {
      if (record.state === 'quarantined' && !quarantine.mayStore(record.stationId)) return
      journal.note([stationRow(record)])
    },

    /** Before the configuration's stations connect. Rows that nobody configured or adopted any more are quarantined. */
    load: async (): Promise<void> => {
      for (const row of await storage.query('station')) {
        if (row.state === FORGOTTEN) continue
        const known = records.get(row.stationId)
        const state: StationState =
          row.state === 'adopted' || row.state === 'removed' ? row.state : 'quarantined'
        if (!known && state === 'quarantined' && quarantined >= deps.maxQuarantined) continue
        if (state === 'quarantined') quarantine.mayStore(row.stationId)
        restore(known ?? add(row.stationId, null, state), row)
      }
    },

    credentials: (stationId: string): Credentials => {
      const record = records.get(stationId)
      if (!record) return { state: 'unknown', protocols: [], passwordHashes: [] }
      // The password of an adoption ends when the configuration takes the station over.
      const adopted = record.passwordHash === null ? [] : [record.passwordHash]
      return {
        state: record.state,
        protocols: record.settings?.protocols ?? [],
        passwordHashes: record.settings?.passwordHashes ?? adopted,
      }
    },

    /** The record of a station at the door; `null` = turn it away. */
    meet: (stationId: string): StationRecord | null => {
      const record = records.get(stationId)
      if (record) return record.state === 'removed' ? null : record
      if (deps.unknownStations === 'refuse') return null
      if (quarantined >= deps.maxQuarantined && !makeRoom()) {
        quarantine.log(stationId, 'an unknown station was refused: quarantine is full')
        return null
      }
      quarantine.log(stationId, 'an unknown station connected: quarantined until it is adopted')
      return add(stationId, null, 'quarantined')
    },

    /** What the set-up learned; from now on profiles are shaped by it. */
    learn: (record: StationRecord, learned: Learned): void => {
      record.learned = learned
      for (const evse of record.evses.values()) evse.state.capability = learned.profile
      journal.note([stationRow(record)])
      changed(record)
    },

    list: (): StationView[] => Array.from(records.values(), viewStation),
    /** Throws `not-found`. */
    get: (stationId: string): StationView => viewStation(mustFind(stationId)),

    /**
     * Lets a quarantined (or removed) station in. It stays powerless until the configuration gives
     * its EVSEs a place. `passwordHash`: what it must show from now on. Throws `not-found`,
     * `conflict`.
     */
    adopt: async (
      stationId: string,
      given: { passwordHash: string | null },
      by: string,
    ): Promise<StationView> => {
      const record = movable(stationId)
      record.passwordHash = given.passwordHash
      return await move(record, 'adopted', 'station.adopt', by)
    },

    /** Turns a station away from now on. Throws `not-found`, or `conflict` for a configured one. */
    remove: async (stationId: string, by: string): Promise<StationView> =>
      await move(movable(stationId), 'removed', 'station.remove', by),

    /** Answers the next boots with Pending or Rejected, until `null`. Throws `not-found`. */
    holdBoot: async (
      stationId: string,
      hold: 'pending' | 'rejected' | null,
      by: string,
    ): Promise<StationView> => {
      const record = mustFind(stationId)
      record.hold = hold
      await journal.commit([
        audit.entry({ by, action: 'station.hold-boot', target: stationId, detail: { hold } }),
      ])
      return viewStation(record)
    },
  }
}

const newStation = (
  stationId: string,
  settings: StationSettings | null,
  state: StationState,
  nowMs: number,
): StationRecord => ({
  stationId,
  settings,
  state,
  protocol: null,
  vendor: null,
  model: null,
  firmware: null,
  serialNumber: null,
  passwordHash: null,
  boot: 'offline',
  hold: null,
  connection: null,
  triggered: new Set(),
  bootedAtMs: null,
  lastSeenAtMs: null,
  createdAtMs: nowMs,
  learned: null,
  rebootRequired: false,
  firmwareStatus: null,
  logStatus: null,
  externalLimits: new Map(),
  clock: newClockWatch(),
  evses: new Map(),
  transactions: new Map(),
})

/** State of a row whose station was forgotten: rows are replaced, not deleted. */
const FORGOTTEN = 'forgotten'

const stationRow = (record: StationRecord) => ({
  table: 'station' as const,
  row: {
    stationId: record.stationId,
    state: record.state,
    protocol: record.protocol,
    vendor: record.vendor,
    model: record.model,
    firmware: record.firmware,
    serialNumber: record.serialNumber,
    passwordHash: record.passwordHash,
    bootedAtMs: record.bootedAtMs,
    lastSeenAtMs: record.lastSeenAtMs,
    capability: record.learned,
    createdAtMs: record.createdAtMs,
  },
})

const restore = (record: StationRecord, row: Row<'station'>): void => {
  record.protocol = row.protocol
  record.vendor = row.vendor
  record.model = row.model
  record.firmware = row.firmware
  record.serialNumber = row.serialNumber
  record.passwordHash = row.passwordHash
  record.bootedAtMs = row.bootedAtMs
  record.lastSeenAtMs = row.lastSeenAtMs
  record.createdAtMs = row.createdAtMs ?? record.createdAtMs
  record.learned = readLearned(row.capability)
  for (const evse of record.evses.values()) {
    evse.state.planned = record.lastSeenAtMs === null
    evse.state.capability = record.learned?.profile ?? DEFAULT_CAPABILITY
  }
}

/** A row of an older version that does not fit is forgotten: the set-up learns it again. */
const readLearned = (stored: unknown): Learned | null => {
  const learned = stored as Partial<Learned> | null
  return learned?.profile &&
    typeof learned.firmware === 'string' &&
    Array.isArray(learned.tried) &&
    Array.isArray(learned.profile.rateUnits)
    ? (learned as Learned)
    : null
}
