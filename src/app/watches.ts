import { statSync } from 'node:fs'
import { createStepWatch } from '../control/clock-step.ts'
import { watchSite } from '../control/site-watch.ts'
import { createWatch, type Sighting } from '../control/watch.ts'
import type { Meters } from '../meters/meters.ts'
import type { SqliteStorage } from '../storage/sqlite/storage.ts'
import type { AppBase } from './base.ts'
import type { ControlSide } from './control.ts'
import type { Ocpp } from './ocpp.ts'

export interface Watched extends AppBase {
  readonly ocpp: Ocpp
  readonly control: ControlSide
  readonly meters: Meters
  /** `null` = nothing is kept. */
  readonly sqlite: SqliteStorage | null
  readonly storagePath: string | null
}

const LOOK_EVERY_MS = 2_000
/** Meters connect and stations come back within this time after a start. */
const START_MS = 60_000
/** The time of an outage of the storage that nobody needs to see to. */
const HICCUP_MS = 5_000
const STEP_SHOWN_MS = 600_000
const CLOCK_OFF_MS = 60_000

/** Looks at everything that can need attention, every other second, and tells the conditions. */
export const createWatches = (parts: Watched) => {
  const { loaded, clock, conditions, control, ocpp, log } = parts
  const looks = [
    () => watchSite(loaded.site, control.controller.view(), ocpp.csms.fleet.states(), clock.now()),
    () => stationClocks(parts),
    () => meterSilence(parts),
    () => doubtfulMeters(parts),
    () => eventJournal(parts),
    createStorageLook(parts),
    createClockLook(parts),
  ]
  const watches = looks.map((look) => createWatch(conditions, look))
  let cancel = (): void => {}

  const look = (): void => {
    for (const watch of watches) {
      try {
        watch(clock.monotonicMs())
      } catch (err) {
        log.error({ err }, 'a watch for conditions failed')
      }
    }
  }

  return {
    start: (): void => {
      cancel = clock.every(LOOK_EVERY_MS, look)
    },
    stop: (): void => cancel(),
  }
}

const stationClocks = function* ({ ocpp }: Watched): Generator<Sighting> {
  for (const { stationId, online, clockSkewMs } of ocpp.csms.stations.list()) {
    if (!online || Math.abs(clockSkewMs) < CLOCK_OFF_MS) continue
    const minutes = Math.round(Math.abs(clockSkewMs) / 60_000)
    yield {
      kind: 'station-clock-wrong',
      severity: 'warning',
      what: `The clock of ${stationId} is ${minutes} min ${clockSkewMs > 0 ? 'ahead' : 'behind'}`,
      where: stationId,
      remedy: 'Let the station take its time from Busbar (heartbeat) or from a time server',
      afterMs: CLOCK_OFF_MS,
    }
  }
}

const meterSilence = function* ({ meters }: Watched): Generator<Sighting> {
  for (const { meterId, ageS, stale, detail } of meters.health()) {
    if (!stale && ageS !== null) continue
    const why = detail === '' ? '' : ` (${detail})`
    yield {
      kind: ageS === null ? 'meter-missing' : 'meter-stale',
      severity: 'warning',
      what:
        ageS === null
          ? `Meter ${meterId} has sent no reading yet; its design load counts${why}`
          : `Meter ${meterId} has sent no usable reading for ${Math.round(ageS)} s; its design load counts${why}`,
      where: meterId,
      remedy: 'Check the meter, its gateway and the connection; GET /v1/meters shows its state',
      afterMs: ageS === null ? START_MS : 0,
    }
  }
}

/** Not at once: a single odd reading is no matter for a person. */
const DOUBT_MS = 10_000

const doubtfulMeters = function* ({ meters, ocpp }: Watched): Generator<Sighting> {
  for (const { meterId, doubt } of meters.health()) {
    if (doubt === null) continue
    yield {
      kind: 'meter-suspect',
      severity: 'warning',
      what: `Meter ${meterId} ${doubt}`,
      where: meterId,
      remedy: 'Compare it with its display; check its unit, sign, current transformers and gateway',
      afterMs: DOUBT_MS,
    }
  }
  for (const { evse, measured } of ocpp.csms.fleet.states()) {
    if (measured?.suspect === undefined) continue
    yield {
      kind: 'station-meter-suspect',
      severity: 'warning',
      what: `The meter of ${evse.key} contradicts itself (${measured.suspect}); the highest counts`,
      where: evse.key,
      remedy: 'Check the units that the station gives to its measurands, and its firmware',
      afterMs: DOUBT_MS,
    }
  }
}

const eventJournal = function* ({ control }: Watched): Generator<Sighting> {
  const { stuck, setAside } = control.events.health()
  if (stuck > 0) {
    yield {
      kind: 'events-not-stored',
      severity: 'alarm',
      what: `${stuck} steps of grid events wait to be stored; none of them is acknowledged`,
      where: 'events',
      remedy: 'Check the disk and the log',
      afterMs: HICCUP_MS,
    }
  }
  for (const [key, reason] of setAside) {
    yield {
      kind: 'event-not-stored',
      severity: 'alarm',
      what: `Event ${key} cannot be stored (${reason}): it acts, but is not acknowledged and ends with a restart`,
      where: key,
      remedy:
        'Ask the authority to cancel it and to send it anew; report this as a fault of Busbar',
      afterMs: 0,
    }
  }
}

const FULL = /disk is full|database or disk is full|ENOSPC/

const createStorageLook = ({ sqlite, storagePath }: Watched) => {
  const inode = (): number | null => {
    if (storagePath === null) return null
    return statSync(storagePath, { throwIfNoEntry: false })?.ino ?? null
  }
  const opened = inode()
  return function* (): Generator<Sighting> {
    if (sqlite === null || storagePath === null) return
    const fault = sqlite.fault()
    if (fault !== null) {
      const isFull = FULL.test(fault)
      yield {
        kind: isFull ? 'disk-full' : 'storage-failing',
        severity: 'alarm',
        what: isFull
          ? `The disk of ${storagePath} is full: nothing is stored`
          : `Nothing is stored: ${fault}`,
        where: storagePath,
        remedy: isFull ? 'Free space on this volume' : 'Check the disk and the file',
        afterMs: HICCUP_MS,
      }
    }
    if (inode() !== opened) {
      yield {
        kind: 'storage-failing',
        severity: 'alarm',
        what: `The database file was moved or deleted: what is stored now is lost at the next stop`,
        where: `${storagePath} (file)`,
        remedy: 'Put the file back if it was moved, and restart Busbar',
        afterMs: 0,
      }
    }
  }
}

const createClockLook = ({ clock }: Watched) => {
  const stepOf = createStepWatch(clock)
  let last: { readonly stepMs: number; readonly atMs: number } | null = null
  return function* (): Generator<Sighting> {
    const stepMs = stepOf()
    const nowMs = clock.monotonicMs()
    if (stepMs !== 0) last = { stepMs, atMs: nowMs }
    if (last === null || nowMs - last.atMs > STEP_SHOWN_MS) return
    const seconds = Math.round(Math.abs(last.stepMs) / 1000)
    yield {
      kind: 'clock-stepped',
      severity: 'warning',
      what: `The clock of this machine was set ${last.stepMs > 0 ? 'forward' : 'back'} by ${seconds} s; all limits were sent again`,
      where: 'clock',
      remedy: 'Check the time synchronization (NTP) of this machine',
      afterMs: 0,
    }
  }
}
