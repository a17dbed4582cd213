import type { EvseState } from '../domain/evse-state.ts'
import type { EvseMeasurement } from '../domain/reading.ts'
import { largest, perPhase, type PerPhase } from '../domain/phases.ts'
import type { Grant } from '../domain/reason.ts'
import type { Evse } from '../domain/site.ts'
import { phaseCount, terminalPhases } from '../domain/wiring.ts'
import { learnDemand, NEW_DEMAND, type DemandState } from '../engine/demand.ts'
import { obeys, type AcceptedLimit } from '../engine/may-draw.ts'
import type { LimitSegment } from '../engine/schedule.ts'
import { observeVehicle } from '../engine/vehicle-start.ts'
import {
  newPhaseControl,
  observeOnePhase,
  SIGHTINGS,
  showsVehicleLines,
  startPhases,
  type PhaseControl,
} from './phase-control.ts'
import { observeObedience, TRUSTED, type Obedience } from './obedience.ts'
import type { ControlRules } from './rules.ts'
import {
  DEFAULT_RESPONSE_RULES,
  learnResponse,
  newResponse,
  type VehicleResponse,
} from './vehicle-response.ts'
import type { Restart } from './ladders/restart.ts'
import { minimumA, type Vehicle } from './vehicle.ts'

/** A transaction profile that the station accepted, and what it might draw before. */
export interface AcceptedProfile extends AcceptedLimit {
  readonly phases: 1 | 3
  /** As `previousA`, on the lines that a profile for one phase leaves out. */
  readonly previousOthersA: number
  /** What it says from when on; empty = not known any more, since a restart. */
  readonly segments: readonly LimitSegment[]
  /** At its end: how long it holds after its generous part; absent = not at all. */
  readonly tailMs?: number
}

/** A profile on its way; where more than one may have arrived, the most of all. */
export interface SentProfile {
  limitA: number
  /** As `limitA`, of those for three phases. */
  othersA: number
  phases: 1 | 3
  validToMs: number
  sentAtMs: number
  /** No answer came, the station may hold it or not. */
  unknown: boolean
}

/** What the controller remembers of one EVSE from tick to tick. */
export interface EvseControl {
  readonly index: number
  readonly evse: Evse
  /** Watts at the outlet per ampere and conductor on the AC side. */
  readonly wattsPerAmp: number
  ready: boolean
  /** Since when it is (not) ready. */
  sinceMs: number
  /** Connection that was seen last. */
  generation: number
  /** Connection on which the failsafe was last asserted. */
  assertedGeneration: number
  failsafeA: number | null
  transactionId: string | null
  /** When this transaction was first seen. */
  startedMs: number
  accepted: AcceptedProfile | null
  inFlight: SentProfile | null
  /** `null`: it never switches between one and three phases. */
  readonly phases: PhaseControl | null
  lastRiseMs: number
  /** After refusals: no command before this. */
  retryAtMs: number
  refusals: number
  refusedAtMs: number
  /** It does not know charging profiles. */
  isUnsupported: boolean
  /** Connection on which its profiles were inspected, and before when they are not again. */
  inspectedGeneration: number
  inspectAtMs: number
  /** Only in a transaction can be told whether the failsafe is in force. */
  needsTransaction: boolean
  /** Defaults of others were cleared in this round. */
  hasCleared: boolean
  /** What it would draw instead of its failsafe, by its own word; `null` = the failsafe. */
  overruledA: number | null
  /** Since when its commands have been timing out; `null` = the last one was answered. */
  unansweredSinceMs: number | null
  /** At the last tick more could be drawn on one of its rows than that can carry. */
  isPressed: boolean
  demand: DemandState
  /** Lines that the vehicle was seen to use; `null` = all of the wiring. */
  usedLines: readonly boolean[] | null
  lineSightings: number
  measuredAtMs: number
  /** Connection on which the transaction profile was last sent, and the station's clock then. */
  sentGeneration: number
  /** How it comes down to a limit; kept from session to session. */
  response: VehicleResponse
  /** The last time that it was first seen at or below a new limit. */
  followedSinceMs: number
  /** Whether its word counts; kept from session to session. */
  obedience: Obedience
  sentClockMs: number | null
  disobeysSinceMs: number | null
  /** So long it may still be a slow vehicle. */
  patienceMs: number
  resends: number
  resendAtMs: number
  /** Since when it is granted power; `null` = it is not. */
  onSinceMs: number | null
  offSinceMs: number
  /** The event that paused it; `null` = something else did. */
  pausedBy: string | null
  /** Events that the pause may be due to, if only because the plan knew them. */
  pausedUnder: readonly string[]
  /** Its pauses of the last hour, and how long it rests after the latest. */
  pausesAtMs: readonly number[]
  restMs: number
  waitingSinceMs: number | null
  idleSinceMs: number | null
  verifiedAtMs: number
  /** Limit that was in force when its last transaction ended; `null` = none has. */
  lastLimitA: number | null
  /** How a transaction that ended too early is started again; `null` = none is. */
  restart: Restart | null
  /** Its station ends transactions at 0 A: paused only when there is no other way. */
  endsAtZero: boolean
  /** Who is plugged in, and from which current it charges; `null` = nobody is. */
  vehicle: Vehicle | null
  grant: Grant
}

export const newEvseControl = (index: number, evse: Evse, wattsPerAmp: number): EvseControl => ({
  index,
  evse,
  wattsPerAmp,
  ready: false,
  sinceMs: 0,
  generation: 0,
  assertedGeneration: -1,
  failsafeA: null,
  transactionId: null,
  startedMs: 0,
  accepted: null,
  inFlight: null,
  phases: newPhaseControl(evse),
  lastRiseMs: -Infinity,
  retryAtMs: 0,
  refusals: 0,
  isUnsupported: false,
  inspectedGeneration: -1,
  inspectAtMs: 0,
  needsTransaction: false,
  hasCleared: false,
  overruledA: null,
  isPressed: false,
  refusedAtMs: -Infinity,
  unansweredSinceMs: null,
  demand: NEW_DEMAND,
  usedLines: null,
  lineSightings: 0,
  measuredAtMs: 0,
  sentGeneration: -1,
  response: newResponse(DEFAULT_RESPONSE_RULES),
  followedSinceMs: -Infinity,
  obedience: TRUSTED,
  sentClockMs: null,
  disobeysSinceMs: null,
  patienceMs: 0,
  resends: 0,
  resendAtMs: 0,
  onSinceMs: null,
  offSinceMs: -Infinity,
  pausedBy: null,
  pausedUnder: [],
  pausesAtMs: [],
  restMs: 0,
  waitingSinceMs: null,
  idleSinceMs: null,
  verifiedAtMs: -Infinity,
  lastLimitA: null,
  restart: null,
  endsAtZero: false,
  vehicle: null,
  grant: { key: evse.key, limitA: 0, reasons: [{ code: 'no-session' }] },
})

/** Phases of the profiles that it is sent now, as OCPP counts them. */
export const toldPhases = ({ phases, evse }: EvseControl): 1 | 3 =>
  phases ? phases.state.phases : phaseCount(evse.wiring)

/** The limit that the station is known to hold now: its transaction profile, else its failsafe. */
export const inForceA = (control: EvseControl, nowMs: number): number =>
  control.accepted && control.accepted.validToMs > nowMs
    ? control.accepted.limitA
    : (control.failsafeA ?? control.evse.maxA)

/** Takes over what happened since the last tick: a new transaction, a new measurement. */
export const observe = (
  control: EvseControl,
  state: EvseState,
  nowMs: number,
  rules: ControlRules,
): void => {
  const transactionId = state.session?.transactionId ?? null
  if (transactionId !== control.transactionId) startOver(control, transactionId, nowMs)
  const { measured } = state
  const currentA = measured && lineCurrents(control, measured)
  if (!currentA || transactionId === null) return
  const measuredAtMs = measuredAt(measured)
  if (measuredAtMs <= control.measuredAtMs) return
  control.measuredAtMs = measuredAtMs
  const drawA = largest(currentA)
  if (measured.currentA) observeLines(control, measured.currentA, measuredAtMs, nowMs, rules)

  const limitA = inForceA(control, nowMs)
  const since = control.accepted?.acceptedAtMs ?? 0
  control.demand = learnDemand(
    control.demand,
    drawA,
    limitA,
    since,
    measuredAtMs,
    minimumA(control),
    rules.demand,
  )
  // While a profile is in doubt, only a draw says something: it may have been offered nothing.
  if (control.vehicle && (control.inFlight === null || drawA >= rules.phaseUsedA)) {
    const seen = { drawA, offerA: limitA, offeredAtMs: since, measuredAtMs }
    control.vehicle.start = observeVehicle(control.vehicle.start, seen, control.evse)
  }
  const idles = drawA < rules.phaseUsedA && limitA >= control.evse.minA
  control.idleSinceMs = idles ? (control.idleSinceMs ?? nowMs) : null
  observeResponse(control, drawA, limitA, measuredAtMs, rules)
  const settled = measuredAtMs > since + control.response.followMs
  if (settled && !obeys(drawA, limitA)) {
    if (control.disobeysSinceMs === null) control.patienceMs = patienceWith(control, rules)
    control.disobeysSinceMs ??= measuredAtMs
  } else if (settled) {
    control.disobeysSinceMs = null
    control.resends = 0
  }
  if (settled) {
    control.obedience = observeObedience(control.obedience, drawA, limitA, control.evse.minA)
  }
}

const observeResponse = (
  control: EvseControl,
  drawA: number,
  limitA: number,
  measuredAtMs: number,
  rules: ControlRules,
): void => {
  const { accepted } = control
  if (!accepted || measuredAtMs <= accepted.acceptedAtMs) return
  const { acceptedAtMs, previousA } = accepted
  const sample = { drawA, limitA, previousA, acceptedAtMs, measuredAtMs }
  control.response = learnResponse(control.response, sample, rules.response)
  if (control.followedSinceMs < acceptedAtMs && obeys(drawA, limitA)) {
    control.followedSinceMs = measuredAtMs
  }
}

/** When it was measured, by our clock: a station whose clock is off is believed on arrival. */
export const measuredAt = (measured: EvseMeasurement): number =>
  Math.abs(measured.receivedAtMs - measured.measuredAtMs) <= 10_000
    ? measured.measuredAtMs
    : measured.receivedAtMs

const startOver = (control: EvseControl, transactionId: string | null, nowMs: number): void => {
  control.lastLimitA = Math.min(inForceA(control, nowMs), control.inFlight?.limitA ?? Infinity)
  control.transactionId = transactionId
  control.startedMs = nowMs
  control.accepted = null
  if (control.inFlight?.unknown) control.inFlight = null
  control.verifiedAtMs = -Infinity
  control.demand = NEW_DEMAND
  control.usedLines = null
  control.lineSightings = 0
  control.disobeysSinceMs = null
  control.resends = 0
  control.onSinceMs = null
  control.offSinceMs = -Infinity
  control.pausedBy = null
  control.pausedUnder = []
  control.pausesAtMs = []
  control.restMs = 0
  control.waitingSinceMs = null
  control.idleSinceMs = null
  control.lastRiseMs = -Infinity
  if (!control.isUnsupported) {
    control.retryAtMs = 0
    control.refusals = 0
  }
  if (control.phases) startPhases(control.phases)
}

const observeLines = (
  control: EvseControl,
  currentA: PerPhase,
  measuredAtMs: number,
  nowMs: number,
  rules: ControlRules,
): void => {
  const { phases, accepted } = control
  if (!phases || showsVehicleLines(phases, measuredAtMs)) learnLines(control, currentA, rules)
  if (phases?.state.phases !== 1 || accepted?.phases !== 1 || accepted.validToMs <= nowMs) return
  if (measuredAtMs <= accepted.acceptedAtMs + rules.draw.settleMs) return
  observeOnePhase(phases, currentA, usedLineCount(control) > 1, rules)
}

/**
 * A vehicle on a three-phase EVSE may use one or two lines only. Seen twice it is believed; a line
 * that carries current later is added at once.
 */
const learnLines = (
  control: EvseControl,
  currentA: readonly number[],
  rules: ControlRules,
): void => {
  const used = currentA.map((amps) => amps > rules.phaseUsedA)
  if (!used.includes(true)) return
  const known = control.usedLines
  if (known === null || used.some((isUsed, line) => isUsed && !known[line])) {
    control.lineSightings = 1
    control.usedLines = known === null ? used : used.map((isUsed, line) => isUsed || known[line])
    return
  }
  control.lineSightings++
}

/** Lines to count for this EVSE: all of its wiring until the vehicle's own are established. */
export const countsLine = (control: EvseControl, line: number): boolean =>
  control.usedLines === null || control.lineSightings < SIGHTINGS || control.usedLines[line]

/** Lines that the vehicle was seen to use on three phases; 0 = not established. */
export const usedLineCount = ({ usedLines, lineSightings }: EvseControl): number =>
  usedLines === null || lineSightings < SIGHTINGS ? 0 : usedLines.filter(Boolean).length

/** A vehicle that nobody knows may be slow to follow its first cuts. */
const patienceWith = (control: EvseControl, { response: rules }: ControlRules): number => {
  const { accepted, response, followedSinceMs } = control
  const isCut = accepted !== null && accepted.previousA - accepted.limitA >= 1
  const isSlow = !response.isKnown && isCut && followedSinceMs < accepted.acceptedAtMs
  return isSlow ? rules.unknownFollowMs - response.followMs : 0
}

/** It may still be on its way down to its last limit. */
export const isFollowing = (control: EvseControl, nowMs: number, rules: ControlRules): boolean => {
  const { accepted, response, followedSinceMs } = control
  if (!accepted || followedSinceMs >= accepted.acceptedAtMs) return false
  const followMs = response.isKnown ? response.followMs : rules.response.unknownFollowMs
  return nowMs < accepted.acceptedAtMs + followMs
}

/** It has drawn more than it accepted for too long to be a transient. */
export const disobeys = (control: EvseControl, nowMs: number, rules: ControlRules): boolean => {
  const { disobeysSinceMs, patienceMs } = control
  if (disobeysSinceMs === null) return false
  return nowMs - disobeysSinceMs >= rules.disobeyAfterMs + patienceMs
}

/**
 * Current in each line by the EVSE's own meter. A meter that gives only power is taken to load all
 * its lines alike, which on one phase of three would be wrong. `null` = it says nothing of either.
 */
export const lineCurrents = (control: EvseControl, measured: EvseMeasurement): PerPhase | null => {
  if (measured.currentA) return measured.currentA
  if (measured.powerW === undefined || control.phases?.state.phases === 1) return null
  const amps = measured.powerW / control.wattsPerAmp
  const phases = terminalPhases(control.evse.wiring)
  return perPhase((line) => (phases.includes(line) ? amps : 0))
}

/**
 * A pause under an event that is over by now needs no rest: such pauses are no flutter, and what is
 * free again should be used at once.
 */
export const endRest = (control: EvseControl, activeEvents: ReadonlySet<string>): void => {
  if (control.pausedUnder.every((eventId) => activeEvents.has(eventId))) return
  control.pausedUnder = []
  control.offSinceMs = -Infinity
}
