import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Random } from '../ports/random.ts'
import type { Publish } from './changes.ts'
import { forgetClock, resetClockWatch } from './clock-watch.ts'
import type { Connection, StationRecord } from './live.ts'
import type { AdmissionSettings } from './options.ts'
import type { SetupQueue, SetupReason } from './setup-queue.ts'
import type { Stations } from './stations.ts'

export interface ConnectionsDeps {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly publish: Publish
  readonly stations: Stations
  readonly setup: SetupQueue
  readonly heartbeatIntervalS: number
  readonly admission: AdmissionSettings
}

/** BootNotification, free of versions. */
export interface BootFacts {
  readonly vendor: string
  readonly model: string
  readonly firmware: string | null
  readonly serialNumber: string | null
}

export interface BootAnswer {
  readonly status: 'accepted' | 'pending' | 'rejected'
  readonly intervalS: number
}

/**
 * A known station that does not boot after it connected goes on without (OCPP 1.6 4.2, 2.0.1 B01): one
 * that was accepted before at once, for its acceptance stands, others after a while. Who boots does
 * so first of all (field problem 46).
 */
const RESUME_MS = 1_500
const QUIET_MS = 30_000
/** A station that is not wanted asks again after so long. */
const REJECTED_INTERVAL_S = 3_600

/** What a station may send while it is not accepted (OCPP-J 1.6 errata 3.10, 2.0.1 B02). */
const BEFORE_ACCEPTED: Record<'pending' | 'quarantined', ReadonlySet<string>> = {
  pending: new Set(['BootNotification', 'NotifyReport', 'NotifyMonitoringReport']),
  // Answered with Invalid, so that a driver is told something.
  quarantined: new Set(['BootNotification', 'Authorize']),
}

const isIdle = ({ boot, transactions }: StationRecord): boolean =>
  boot === 'accepted' && transactions.size === 0

/** What stations of the same kind share; `null` until the station has said it. */
const productOf = ({ vendor, model, firmware }: StationRecord): string | null =>
  vendor === null && model === null ? null : [vendor, model, firmware].join(' / ')

export type Connections = ReturnType<typeof createConnections>

/**
 * Connections and boots. The boot state belongs to the connection: a station that was accepted in
 * its life may go on after a reconnect without a new BootNotification, anybody else must boot first.
 */
export const createConnections = (deps: ConnectionsDeps) => {
  const { clock, random, log, publish, stations, setup } = deps
  const waiting = new Set<StationRecord>()

  const setReady = (record: StationRecord, ready: boolean): void => {
    for (const { state } of record.evses.values()) {
      state.ready = ready
      state.product = productOf(record)
      // A boot may have wiped the profiles as well as a lost connection.
      state.generation++
      publish('evse', state.evse.key, state)
    }
  }

  const accept = (record: StationRecord, reason: SetupReason, setupWaitMs = 0): void => {
    record.boot = 'accepted'
    record.bootedAtMs = reason === 'boot' ? clock.now() : (record.bootedAtMs ?? clock.now())
    waiting.delete(record)
    setReady(record, true)
    stations.store(record)
    stations.changed(record)
    setup.request(record.stationId, reason, setupWaitMs)
  }

  const jittered = (seconds: number, spread: number): number =>
    Math.max(1, Math.round(seconds * (1 + spread * (2 * random.next() - 1))))

  const decide = (record: StationRecord): BootAnswer['status'] => {
    if (record.state === 'quarantined' || record.state === 'removed') return 'rejected'
    if (record.hold !== null) return record.hold
    if (setup.hasRoom()) return 'accepted'
    log.warn({ stationId: record.stationId }, 'a boot was put off: too many set-ups are waiting')
    return 'pending'
  }

  return {
    /**
     * A socket was authenticated. The newest one of a station wins. Returns false when the station
     * is not let in at all: close the socket.
     */
    connected: (connection: Connection): boolean => {
      const record = stations.meet(connection.stationId)
      if (record === null) return false
      const isFirst = record.lastSeenAtMs === null
      record.connection = connection
      record.protocol = connection.protocol
      record.lastSeenAtMs = clock.now()
      record.boot = 'waiting'
      record.triggered.clear()
      waiting.add(record)
      resetClockWatch(record.clock)
      for (const evse of record.evses.values()) {
        evse.statusAtMs.clear()
        evse.state.planned = false
      }
      setReady(record, false)
      // Once seen it stays commissioned: from now on it counts, also after a restart.
      if (isFirst || record.state === 'quarantined') stations.store(record)
      stations.changed(record)
      return true
    },

    /** A socket is gone. Ignored when a newer one has taken over. */
    disconnected: (stationId: string, generation: number): void => {
      const record = stations.find(stationId)
      if (record?.connection?.generation !== generation) return
      record.connection = null
      record.boot = 'offline'
      waiting.delete(record)
      setReady(record, false)
      stations.store(record)
      stations.changed(record)
    },

    /** Any frame is a sign of life. */
    seen: (stationId: string): void => {
      const record = stations.find(stationId)
      if (record) record.lastSeenAtMs = clock.now()
    },

    /**
     * May the station send this CALL now? False = answer SecurityError. The first CALL of a station
     * that was accepted before resumes its session.
     */
    allowed: (stationId: string, action: string): boolean => {
      const record = stations.find(stationId)
      if (!record) return false
      if (record.boot === 'accepted') return true
      if (record.state === 'quarantined') return BEFORE_ACCEPTED.quarantined.has(action)
      if (record.boot === 'pending') {
        return BEFORE_ACCEPTED.pending.has(action) || record.triggered.has(action)
      }
      if (action === 'BootNotification') return record.boot !== 'offline'
      if (record.boot !== 'waiting' || record.bootedAtMs === null) return false
      accept(record, 'resume')
      return true
    },

    /** A Pending station was asked for this message: it may send it (OCPP 2.0.1 B02.FR.09). */
    triggered: (stationId: string, action: string): void => {
      stations.mustFind(stationId).triggered.add(action)
    },

    /**
     * The profiles that the station holds may have been changed behind the back of the controller: it
     * installs its own again.
     */
    reassert: (stationId: string): void => {
      const record = stations.mustFind(stationId)
      setReady(record, record.boot === 'accepted')
    },

    /** Answers a BootNotification. */
    boot: (stationId: string, facts: BootFacts): BootAnswer => {
      const record = stations.mustFind(stationId)
      const status = decide(record)
      record.vendor = facts.vendor
      record.model = facts.model
      record.firmware = facts.firmware
      record.serialNumber = facts.serialNumber
      waiting.delete(record)
      if (status === 'accepted') {
        forgetClock(record.clock)
        for (const evse of record.evses.values()) evse.statusAtMs.clear()
        record.rebootRequired = false
        accept(record, 'boot')
        log.info({ stationId, ...facts }, 'a station booted')
        return { status, intervalS: jittered(deps.heartbeatIntervalS * 0.95, 0.05) }
      }
      record.boot = status
      setReady(record, false)
      stations.store(record)
      stations.changed(record)
      log.info({ stationId, status }, 'a boot was not accepted')
      const intervalS =
        status === 'pending' ? jittered(deps.admission.pendingIntervalS, 0.5) : REJECTED_INTERVAL_S
      return { status, intervalS }
    },

    /**
     * Every second: known stations that keep silent after connecting are taken as resumed, and
     * those that wait for a reboot are set up again once nobody charges.
     */
    sweep: (): void => {
      const nowMs = clock.now()
      for (const record of waiting) {
        if (record.state === 'quarantined' || record.connection === null) continue
        const waitsMs = record.bootedAtMs === null ? QUIET_MS : RESUME_MS
        if (nowMs - record.connection.connectedAtMs < waitsMs) continue
        log.info({ stationId: record.stationId }, 'a station connected without a boot: resumed')
        accept(record, 'resume', QUIET_MS - waitsMs)
      }
      for (const record of stations.all()) {
        if (record.rebootRequired && isIdle(record) && record.learned?.resetSent === false) {
          setup.request(record.stationId, 'resume')
        }
      }
    },
  }
}
