import { climb, dueAction, startLadder, type Ladder, type Rung } from './ladder.ts'

/**
 * From which current a vehicle charges. IEC 61851-1 lets an EVSE offer 6 A and up, and some vehicles
 * draw nothing below 8, 10 or 13 A. One that leaves its offer unused for a minute is offered the next
 * step of a short ladder; where it starts, the steps below are known not to work. One that leaves
 * even the last step unused, or an offer that it drew from before, is asleep or full: it is offered
 * power anew after growing waits, each time after a short pause, whose edge wakes some vehicles.
 * Pure: state in, state out.
 */
export interface VehicleStart {
  /** Highest offer that is known not to start it; 0 = none. */
  readonly failsA: number
  /** Lowest offer that it was seen to draw from in this stay; `null` = none. */
  readonly worksA: number | null
  /** Highest offer that it left unused for long enough since it last drew; 0 = none. */
  readonly unusedA: number
  /** The offer that it leaves unused now, and since when; `null` = it draws, or has none. */
  readonly idle: { readonly offerA: number; readonly sinceMs: number } | null
  /** Offers anew to a vehicle that is asleep or full; `null` = it is neither. */
  readonly wake: Ladder | null
  readonly wokenAtMs: number
}

export interface VehicleStartRules {
  /** Current that is more than the standby of a vehicle, amperes. */
  readonly drawsA: number
  /** An offer that is left unused for so long does not start the vehicle. */
  readonly probeMs: number
  /** A vehicle follows a new offer within this time. */
  readonly followMs: number
  /** Pause before an offer anew, and how long that offer has precedence. */
  readonly pauseMs: number
  readonly turnMs: number
}

export const DEFAULT_START_RULES: VehicleStartRules = {
  drawsA: 1,
  probeMs: 60_000,
  followMs: 30_000,
  pauseMs: 30_000,
  turnMs: 120_000,
}

/** Offers above the EVSE's own minimum that are tried; no vehicle on the road needs more. */
const STEPS_A = [8, 10, 13, 16]

const MINUTE = 60_000
const WAKES: readonly Rung<'offer'>[] = [15, 30, 60, 120, 120, 120, 120, 120].map((minutes) => ({
  action: 'offer',
  afterMs: minutes * MINUTE,
}))

export const NEW_VEHICLE: VehicleStart = {
  failsA: 0,
  worksA: null,
  unusedA: 0,
  idle: null,
  wake: null,
  wokenAtMs: -Infinity,
}

/** What an EVSE can offer: from its own minimum to its rating, amperes. */
export interface OfferRange {
  readonly minA: number
  readonly maxA: number
}

/** The smallest offer above one that does not start it; `null` = there is none. */
const nextStep = (failsA: number, { minA, maxA }: OfferRange): number | null => {
  if (failsA < minA) return minA
  return STEPS_A.find((amps) => amps > failsA && amps <= maxA) ?? null
}

/** A larger offer may still start it. */
export const isProbed = (vehicle: VehicleStart, range: OfferRange): boolean => {
  const { unusedA, worksA } = vehicle
  if (unusedA === 0 || nextStep(unusedA, range) === null) return false
  return worksA === null || unusedA < worksA
}

/** It leaves unused what it should draw from: it is asleep or full. */
export const isAsleep = (vehicle: VehicleStart, range: OfferRange): boolean =>
  vehicle.unusedA > 0 && !isProbed(vehicle, range)

/** The smallest offer that makes sense now, amperes. */
export const minimumOffer = (vehicle: VehicleStart, range: OfferRange): number => {
  const { failsA, unusedA, worksA } = vehicle
  const stepA = nextStep(isProbed(vehicle, range) ? Math.max(failsA, unusedA) : failsA, range)
  const leastA = stepA ?? range.minA
  return worksA !== null && worksA > failsA
    ? Math.min(leastA, Math.max(worksA, range.minA))
    : leastA
}

/** One measurement: `drawA` under an offer of `offerA`, in force since `offeredAtMs` in this form. */
export const observeVehicle = (
  vehicle: VehicleStart,
  { drawA, offerA, offeredAtMs, measuredAtMs }: Observation,
  range: OfferRange,
  rules: VehicleStartRules = DEFAULT_START_RULES,
): VehicleStart => {
  if (drawA >= rules.drawsA) {
    const awake = { ...vehicle, idle: null, wake: null }
    // What it draws right after a change is still an answer to the offer before.
    if (offerA < range.minA || measuredAtMs < offeredAtMs + rules.followMs) return awake
    const failsA = isProbed(vehicle, range)
      ? Math.max(vehicle.failsA, vehicle.unusedA)
      : vehicle.failsA
    return {
      ...awake,
      // Drawn from after all: whatever seemed to need more was something else.
      failsA: failsA < offerA ? failsA : 0,
      worksA: Math.min(vehicle.worksA ?? Infinity, offerA),
      unusedA: 0,
    }
  }
  if (offerA < range.minA) return vehicle.idle === null ? vehicle : { ...vehicle, idle: null }
  const { idle } = vehicle
  if (idle === null || offerA > idle.offerA + 0.5) {
    return { ...vehicle, idle: { offerA, sinceMs: Math.max(measuredAtMs, offeredAtMs) } }
  }
  const lower = { ...idle, offerA: Math.min(idle.offerA, offerA) }
  const isUnused = measuredAtMs - idle.sinceMs >= rules.probeMs
  const unusedA = isUnused ? Math.max(vehicle.unusedA, lower.offerA) : vehicle.unusedA
  const next = { ...vehicle, idle: lower, unusedA }
  if (!isAsleep(next, range) || vehicle.wake !== null) return next
  return { ...next, wake: startLadder(WAKES, measuredAtMs) }
}

export interface Observation {
  readonly drawA: number
  readonly offerA: number
  readonly offeredAtMs: number
  readonly measuredAtMs: number
}

/** Offers anew what is due; the pause and the turn begin. */
export const wakeVehicle = (vehicle: VehicleStart, nowMs: number): VehicleStart =>
  vehicle.wake === null || dueAction(WAKES, vehicle.wake, nowMs) === null
    ? vehicle
    : { ...vehicle, wake: climb(WAKES, vehicle.wake, nowMs), wokenAtMs: nowMs }

/** Milliseconds that it is paused before it is offered power anew; 0 = it is not. */
export const pauseLeftMs = (
  { wokenAtMs }: VehicleStart,
  nowMs: number,
  rules: VehicleStartRules = DEFAULT_START_RULES,
): number => Math.max(0, wokenAtMs + rules.pauseMs - nowMs)

/** It is offered power anew, before others. */
export const hasTurn = (
  { wokenAtMs }: VehicleStart,
  nowMs: number,
  rules: VehicleStartRules = DEFAULT_START_RULES,
): boolean => nowMs < wokenAtMs + rules.pauseMs + rules.turnMs
