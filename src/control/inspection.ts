import type { CompositeSchedule } from '../domain/charging-profile.ts'
import type { EvseState } from '../domain/evse-state.ts'
import { largest } from '../domain/phases.ts'
import { obeys } from '../engine/may-draw.ts'
import type { CommandDeps } from './commands.ts'
import { disobeys, lineCurrents, type EvseControl } from './evse-control.ts'
import { profileId } from './profiles.ts'

/** Inspections of a site at the same time. */
const MAX_RUNNING = 8
/** A station whose failsafe is overruled, or that disobeys, is looked at again after so long. */
const AGAIN_MS = 30 * 60_000
/** So far beyond the end of the live limit what the station would do is asked. */
const BEYOND_S = 600
/** Clocks and answers are this late, seconds. */
const LATE_S = 60

/** The same limit, as stations round and convert it. */
const isAbove = (amps: number, limitA: number): boolean => amps > limitA * 1.05 + 0.5

/**
 * Whether the failsafe is the one in force. After each connection and each change of what the station
 * takes: profiles that others left are cleared (2.x tells them, 1.6 is asked to clear defaults when
 * its composite schedule shows one), then the composite schedule must fall to the failsafe once the
 * live limit has ended. Where it does not, the station counts at what it says. A maximum of the whole
 * station by others is left alone: it can only lower.
 *
 * Sources: OCPP 1.6 5.16, OCPP 2.0.1 K08 to K10. A composite schedule of an idle 1.6 station may leave
 * out the default: alone it proves nothing bad.
 */
export const createInspection = (deps: CommandDeps) => {
  const { clock, gateway, records, log } = deps
  const running = new Set<string>()

  /** Clears what is not ours; true = our own failsafe is missing. `null`: it cannot tell. */
  const clearForeign = async ({ evse }: EvseControl): Promise<boolean | null> => {
    const { stationId, evseId } = evse
    const held = await gateway.readProfiles?.(stationId, {})
    if (!held?.ok) return null
    const ours = profileId(evseId, 'tx-default')
    const foreign = held.response.filter(
      ({ evseId: of, profile: { id, purpose } }) =>
        purpose !== 'station-max' &&
        (of === 0 || (of === evseId && id !== profileId(evseId, purpose))),
    )
    for (const { profile } of foreign) {
      await gateway.clearChargingProfile(stationId, { profileId: profile.id })
    }
    if (foreign.length > 0) {
      const ids = foreign.map(({ profile }) => profile.id)
      log.warn({ stationId, evseId, ids }, 'cleared charging profiles of another system')
    }
    return !held.response.some(({ profile }) => profile.id === ours)
  }

  const composite = async (control: EvseControl, state: EvseState) => {
    const { stationId, evseId, current } = control.evse
    const liveS = Math.max(0, ((control.accepted?.validToMs ?? 0) - clock.now()) / 1000)
    const restS = Number.isFinite(liveS) ? liveS : 0
    const unit = state.capability.rateUnits.includes('A') && current === 'AC' ? 'A' : 'W'
    const durationS = Math.ceil(restS) + BEYOND_S
    const told = await gateway.getCompositeSchedule(stationId, evseId, durationS, unit)
    if (!told.ok || told.response.periods.length === 0) return null
    return {
      nowA: amperes(control, told.response, 0, LATE_S),
      restA: amperes(control, told.response, restS + LATE_S, durationS),
    }
  }

  /** The station contradicts its own meter: its schedule is no evidence. */
  const isImplausible = ({ accepted, ...control }: EvseControl, state: EvseState, nowA: number) => {
    const currentA = state.measured && lineCurrents({ accepted, ...control }, state.measured)
    if (!accepted || !currentA || !isAbove(nowA, accepted.limitA)) return false
    const drawA = largest(currentA)
    return drawA > 0.8 * accepted.limitA && obeys(drawA, accepted.limitA)
  }

  const overruled = (control: EvseControl, restA: number): void => {
    const { stationId, evseId, failsafeA, maxA } = control.evse
    control.overruledA = Math.min(maxA, restA)
    control.failsafeA = Math.max(failsafeA, control.overruledA)
    control.inspectAtMs = clock.now() + AGAIN_MS
    log.warn({ stationId, evseId, failsafeA, restA }, 'the failsafe of a station is overruled')
  }

  const inspect = async (
    control: EvseControl,
    state: EvseState,
    ofStation: readonly EvseControl[],
  ): Promise<void> => {
    const { stationId, evseId, failsafeA } = control.evse
    const isMissing = await clearForeign(control)
    if (isMissing === true && !control.hasCleared) {
      control.hasCleared = true
      control.assertedGeneration = -1
      return
    }
    const told = await composite(control, state)
    control.needsTransaction = false
    if (told === null || isImplausible(control, state, told.nowA)) return
    if (!isAbove(told.restA, failsafeA)) {
      control.overruledA = null
      if (control.failsafeA !== null) control.failsafeA = failsafeA
      records.verified(stationId, evseId, 'tx-default', told.restA, clock.now(), 'composite')
      return
    }
    if (control.transactionId === null) {
      control.needsTransaction = true
      return
    }
    if (control.hasCleared || isMissing !== null) return overruled(control, told.restA)
    control.hasCleared = true
    for (const place of [0, evseId]) {
      await gateway.clearChargingProfile(stationId, { evseId: place, purpose: 'tx-default' })
    }
    // The clearing took our own as well, of all connectors; they are installed at once.
    for (const each of ofStation) each.assertedGeneration = -1
    log.warn({ stationId, evseId }, 'cleared default charging profiles of another system')
  }

  const isDue = (control: EvseControl, state: EvseState, nowMs: number): boolean => {
    if (!state.ready || control.inFlight || control.isUnsupported) return false
    if (control.failsafeA === null || control.assertedGeneration !== state.generation) return false
    if (nowMs < control.inspectAtMs) return false
    const isNew = control.inspectedGeneration !== state.generation
    const hasLive = control.transactionId !== null && control.accepted !== null
    return (
      isNew ||
      (control.needsTransaction && hasLive) ||
      control.overruledA !== null ||
      disobeys(control, nowMs, deps.rules)
    )
  }

  /** Once per tick: starts the inspections that are due. */
  return (controls: readonly EvseControl[], states: readonly EvseState[]): void => {
    const nowMs = clock.now()
    for (const control of controls) {
      const { stationId, control: mode } = control.evse
      const state = states[control.index]
      if (running.size >= MAX_RUNNING) return
      if (mode === 'off' || running.has(stationId) || !isDue(control, state, nowMs)) continue
      if (control.inspectedGeneration === state.generation) control.inspectAtMs = nowMs + AGAIN_MS
      control.inspectedGeneration = state.generation
      running.add(stationId)
      const ofStation = controls.filter(({ evse }) => evse.stationId === stationId)
      inspect(control, state, ofStation)
        .then(() => {
          // Installed anew: looked at once more.
          if (control.assertedGeneration === -1) control.inspectedGeneration = -1
          else control.hasCleared = false
        })
        .catch((err: unknown) => log.debug({ err, stationId }, 'an inspection failed'))
        .finally(() => running.delete(stationId))
    }
  }
}

/** The highest limit that a composite schedule has between two times from its start. */
const amperes = (
  { wattsPerAmp }: EvseControl,
  { unit, periods }: CompositeSchedule,
  fromS: number,
  toS: number,
): number => {
  const limits = periods
    .filter(({ startS }, k) => startS < toS && (periods[k + 1]?.startS ?? Infinity) > fromS)
    .map(({ limit }) => (unit === 'A' ? limit : limit / wattsPerAmp))
  return Math.max(0, ...limits)
}
