import type { ChargingProfile } from '../domain/charging-profile.ts'
import type { EvseState } from '../domain/evse-state.ts'
import type { Site } from '../domain/site.ts'
import type { LimitSegment } from '../engine/schedule.ts'
import { phaseCount } from '../domain/wiring.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { CommandResult, StationGateway } from '../ports/station-gateway.ts'
import { createStepWatch } from './clock-step.ts'
import { mayDraw, mayDrawOthers } from './draw-state.ts'
import { inForceA, toldPhases, type EvseControl, type SentProfile } from './evse-control.ts'
import { refuseOnePhase } from './phase-control.ts'
import type { ProfileRecords } from './profile-records.ts'
import { failsafeProfile, transactionProfile, type ProfilePhases } from './profiles.ts'
import type { ControlRules } from './rules.ts'

export interface CommandDeps {
  readonly site: Site
  readonly clock: Clock
  readonly gateway: StationGateway
  readonly records: ProfileRecords
  readonly log: Log
  readonly rules: ControlRules
}

/** Longest pause between attempts at a station that keeps refusing. */
const LONGEST_RETRY_MS = 10 * 60_000
/** Stations repeat whole profiles in their refusals. */
const MAX_DETAIL = 200

/** The station lacks the action; no other profile will help. */
const isUnsupported = ({ code, response }: CommandResult & { ok: false }): boolean =>
  code === 'NotImplemented' ||
  code === 'NotSupported' ||
  (response as { readonly status?: unknown } | undefined)?.status === 'NotSupported'

/** Sends profiles and takes the answers into the EVSE's control state. */
export const createCommands = (deps: CommandDeps) => {
  const { site, clock, gateway, records, log, rules } = deps

  /** It knows no charging profiles: whatever it accepted under another firmware is of the past. */
  const unsupported = (control: EvseControl): void => {
    const { stationId, evseId } = control.evse
    if (!control.isUnsupported) {
      log.warn({ stationId, evseId }, 'the station does not support charging profiles')
    }
    control.isUnsupported = true
    control.failsafeA = null
    control.accepted = null
    control.inFlight = null
    control.retryAtMs = clock.now() + rules.unsupportedRetryMs
  }

  const refused = (control: EvseControl, result: CommandResult & { ok: false }): void => {
    control.refusals++
    control.unansweredSinceMs =
      result.reason === 'timeout'
        ? (control.unansweredSinceMs ?? control.inFlight?.sentAtMs ?? clock.now())
        : null
    if (isUnsupported(result)) return unsupported(control)
    const pause = Math.min(LONGEST_RETRY_MS, rules.retryAfterMs * 2 ** (control.refusals - 1))
    control.refusedAtMs = clock.now()
    control.retryAtMs = control.refusedAtMs + pause
    const fields = {
      stationId: control.evse.stationId,
      evseId: control.evse.evseId,
      reason: result.reason,
      detail: result.detail.slice(0, MAX_DETAIL),
      timesInARow: control.refusals,
      retryInS: pause / 1000,
    }
    // The 1st, 2nd, 4th, 8th: a station that never takes one would fill the log.
    const isNews = (control.refusals & (control.refusals - 1)) === 0
    log[isNews ? 'warn' : 'debug'](
      fields,
      control.unansweredSinceMs === null
        ? 'the station did not take a charging profile'
        : 'the station did not answer a charging profile',
    )
  }

  const send = async (
    control: EvseControl,
    profile: ChargingProfile,
    durable: boolean,
  ): Promise<CommandResult> => {
    const { stationId, evseId } = control.evse
    try {
      await records.sending(stationId, evseId, profile, clock.now(), durable)
    } catch (cause) {
      // Never send a rise that a crash would forget.
      return { ok: false, reason: 'rejected', detail: `not sent, storage failed: ${String(cause)}` }
    }
    const result = await gateway.setChargingProfile(stationId, evseId, profile)
    if (result.ok) {
      control.unansweredSinceMs = null
      records.reported(stationId, evseId, profile, clock.now())
    }
    return result
  }

  /**
   * Without an answer the station may hold either limit: the higher one counts until it is known. A
   * refusal says nothing of an earlier profile that was in doubt.
   */
  const failed = (
    control: EvseControl,
    result: CommandResult & { ok: false },
    doubt: SentProfile | null,
  ): void => {
    const unknown = result.reason === 'timeout' || result.reason === 'offline'
    if (control.inFlight && unknown) control.inFlight.unknown = true
    else control.inFlight = doubt
    refused(control, result)
  }

  return {
    /** Installs the permanent failsafe; until it is accepted nothing above it is sent. */
    assertFailsafe: async (control: EvseControl, state: EvseState): Promise<void> => {
      const { generation } = state
      const limitA = control.evse.failsafeA
      const doubt = control.inFlight?.unknown ? control.inFlight : null
      control.inFlight = {
        limitA: Math.max(limitA, doubt?.limitA ?? 0),
        othersA: Math.max(limitA, doubt?.othersA ?? 0),
        phases: phaseCount(control.evse.wiring),
        validToMs: Infinity,
        sentAtMs: clock.now(),
        unknown: false,
      }
      const profile = failsafeProfile(control.evse, site, state.capability)
      const stepOf = createStepWatch(clock)
      const result = await send(control, profile, true)
      if (!result.ok) return failed(control, result, doubt)
      control.inFlight = doubt
      control.failsafeA = Math.max(limitA, control.overruledA ?? 0)
      // With times from before a step of our clock it has to be said again.
      if (stepOf() === 0) control.assertedGeneration = generation
      control.isUnsupported = false
      control.refusals = 0
      control.retryAtMs = 0
    },

    /** Installs or renews the transaction profile. The first segment holds now, the last `tailMs` after it. */
    setLimit: async (
      control: EvseControl,
      state: EvseState,
      segments: readonly LimitSegment[],
      tailMs = 0,
    ): Promise<void> => {
      const { transactionId } = control
      if (transactionId === null) return
      const nowMs = clock.now()
      const limitA = segments[0].limitA
      const validToMs = segments[segments.length - 1].endMs
      const previousA = mayDraw(control, state, nowMs, rules)
      const previousOthersA = control.phases
        ? mayDrawOthers(control, control.phases, state, nowMs, rules)
        : previousA
      const phases = toldPhases(control)
      const rises = limitA > inForceA(control, nowMs)
      const doubt = control.inFlight?.unknown ? control.inFlight : null
      control.inFlight = {
        limitA: Math.max(limitA, doubt?.limitA ?? 0),
        othersA: Math.max(phases === 3 ? limitA : 0, doubt?.othersA ?? 0),
        phases,
        validToMs,
        sentAtMs: nowMs,
        unknown: false,
      }
      if (rises) control.lastRiseMs = nowMs
      const profile = transactionProfile(
        control.evse,
        site,
        state.capability,
        transactionId,
        profilePhases(control, state),
        segments,
        rules.startBeforeMs,
      )
      const stepOf = createStepWatch(clock)
      const result = await send(control, profile, rises)
      const stepMs = stepOf()
      if (control.transactionId !== transactionId) {
        control.inFlight = null
        return
      }
      if (result.ok) {
        control.inFlight = null
        control.refusals = 0
        control.retryAtMs = 0
        control.accepted = {
          limitA,
          validToMs: validToMs + stepMs,
          acceptedAtMs: clock.now(),
          previousA,
          phases,
          previousOthersA,
          segments: stepMs === 0 ? segments : [],
          tailMs,
        }
        if (control.phases && phases === 1) control.phases.hasAccepted = true
        return
      }
      if (control.phases && phases === 1 && refuseOnePhase(control.phases, result)) {
        control.inFlight = doubt
        const { stationId, evseId } = control.evse
        const { detail } = result
        log.warn({ stationId, evseId, detail }, 'the station refused a profile for one phase')
        return
      }
      failed(control, result, doubt)
    },
  }
}

export const profilePhases = (
  { phases, evse }: EvseControl,
  { capability }: EvseState,
): ProfilePhases => {
  if (phases?.state.phases !== 1) return { count: phaseCount(evse.wiring), terminal: null }
  return { count: 1, terminal: capability.choosesPhase === true ? phases.terminal : null }
}

export type Commands = ReturnType<typeof createCommands>
