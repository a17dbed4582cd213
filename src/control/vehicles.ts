import type { EvseState } from '../domain/evse-state.ts'
import { NEW_VEHICLE, wakeVehicle } from '../engine/vehicle-start.ts'
import { usedLineCount, type EvseControl } from './evse-control.ts'
import type { TraitMemory } from './trait-memory.ts'
import { mayStart, type Vehicle } from './vehicle.ts'

/** What is remembered of the vehicle of a token at a station. */
interface VehicleTrait {
  /** Highest offer that does not start it, amperes; 0 = none. */
  readonly failsA: number
  /** Site phases that it uses there; `null` = not seen. */
  readonly lines: readonly boolean[] | null
  readonly learnedAtMs: number
}

/** A vehicle may be another one by now, or have waited for something else then: tested again. */
const TRUSTED_MS = 30 * 24 * 3_600_000

/** Keeps what is learned of vehicles, by token and station, over stays and restarts. */
export const createVehicles = (traits: TraitMemory) => {
  /** Below each node one vehicle at a time is tried: most of them are full, and others draw. */
  const triedAt = new Map<string, EvseControl>()

  const takeTurn = (control: EvseControl): void => {
    const { vehicle, evse } = control
    const isNow = triedAt.get(evse.nodeId) === control
    const may = vehicle !== null && mayStart(control)
    if (may && !triedAt.has(evse.nodeId)) triedAt.set(evse.nodeId, control)
    else if (!may && isNow) triedAt.delete(evse.nodeId)
    if (vehicle !== null) vehicle.isTried = triedAt.get(evse.nodeId) === control
  }

  const readTrait = (subject: string, nowMs: number): VehicleTrait | null => {
    const trait = traits.get('vehicle', subject) as VehicleTrait | undefined
    return trait !== undefined && nowMs - trait.learnedAtMs < TRUSTED_MS ? trait : null
  }

  const enter = (sessionId: string, subject: string, nowMs: number): Vehicle => {
    const trait = readTrait(subject, nowMs)
    return {
      sessionId,
      subject,
      start: { ...NEW_VEHICLE, failsA: trait?.failsA ?? 0 },
      lines: trait?.lines ?? null,
      learnedAtMs: trait?.learnedAtMs ?? -Infinity,
      isTried: false,
    }
  }

  const keep = (control: EvseControl, vehicle: Vehicle, nowMs: number): void => {
    const { failsA, worksA } = vehicle.start
    const lines = usedLineCount(control) > 0 ? control.usedLines : vehicle.lines
    const trait = readTrait(vehicle.subject, nowMs)
    const isNews = failsA !== (trait?.failsA ?? 0) || String(lines) !== String(trait?.lines ?? null)
    // Not before it has drawn: until then nothing is proven.
    if (worksA === null || !isNews) return
    vehicle.lines = lines
    vehicle.learnedAtMs = nowMs
    traits.put('vehicle', vehicle.subject, { failsA, lines, learnedAtMs: nowMs }, nowMs)
  }

  return {
    /** Takes over who is there, keeps what was learned, and wakes who is due. Before demands. */
    follow: (control: EvseControl, { session }: EvseState, nowMs: number): void => {
      if (session === null) {
        control.vehicle = null
        takeTurn(control)
        return
      }
      const { stationId, key } = control.evse
      const subject = session.idToken ? `${session.idToken.toUpperCase()} ${stationId}` : key
      const { vehicle } = control
      if (vehicle?.sessionId !== session.id || vehicle.subject !== subject) {
        control.vehicle = enter(session.id, subject, nowMs)
        takeTurn(control)
        return
      }
      keep(control, vehicle, nowMs)
      takeTurn(control)
      // A pause would end the transaction of some stations.
      if (!control.endsAtZero) vehicle.start = wakeVehicle(vehicle.start, nowMs)
    },
  }
}
