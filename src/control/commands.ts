import type { ChargingProfile } from '../domain/charging-profile.ts'
import type { EvseState } from '../domain/evse-state.ts'
import type { Site } from '../domain/site.ts'
import type { LimitSegment } from '../engine/schedule.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { CommandResult, StationGateway } from '../ports/station-gateway.ts'
import { inForceA, mayDraw, type EvseControl } from './evse-control.ts'
import type { ProfileRecords } from './profile-records.ts'
import { failsafeProfile, transactionProfile } from './profiles.ts'
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

/** Sends profiles and takes the answers into the EVSE's control state. */
export const createCommands = (deps: CommandDeps) => {
  const { site, clock, gateway, records, log, rules } = deps

  const refused = (control: EvseControl, result: CommandResult & { ok: false }): void => {
    control.refusals++
    const pause = Math.min(LONGEST_RETRY_MS, rules.retryAfterMs * 2 ** (control.refusals - 1))
    control.retryAtMs = clock.now() + pause
    log.warn(
      {
        stationId: control.evse.stationId,
        evseId: control.evse.evseId,
        reason: result.reason,
        detail: result.detail,
        retryInS: pause / 1000,
      },
      'the station did not take a charging profile',
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
    if (result.ok) records.reported(stationId, evseId, profile, clock.now())
    return result
  }

  /** Without an answer the station may hold either limit: the higher one counts until it is known. */
  const failed = (control: EvseControl, result: CommandResult & { ok: false }): void => {
    const unknown = result.reason === 'timeout' || result.reason === 'offline'
    if (control.inFlight && unknown) control.inFlight.unknown = true
    else control.inFlight = null
    refused(control, result)
  }

  return {
    /** Installs the permanent failsafe; until it is accepted nothing above it is sent. */
    assertFailsafe: async (control: EvseControl, state: EvseState): Promise<void> => {
      const { generation } = state
      const nowMs = clock.now()
      const limitA = control.evse.failsafeA
      control.inFlight = { limitA, validToMs: Infinity, sentAtMs: nowMs, unknown: false }
      const profile = failsafeProfile(
        control.evse,
        site,
        state.capability,
        nowMs,
        rules.startBeforeMs,
      )
      const result = await send(control, profile, true)
      if (!result.ok) return failed(control, result)
      control.inFlight = null
      control.failsafeA = limitA
      control.assertedGeneration = generation
      control.refusals = 0
      control.retryAtMs = 0
    },

    /** Installs or renews the transaction profile. The first segment holds now. */
    setLimit: async (
      control: EvseControl,
      state: EvseState,
      segments: readonly LimitSegment[],
    ): Promise<void> => {
      const { transactionId } = control
      if (transactionId === null) return
      const nowMs = clock.now()
      const limitA = segments[0].limitA
      const validToMs = segments[segments.length - 1].endMs
      const beforeA = mayDraw(control, state, nowMs, rules)
      const rises = limitA > inForceA(control, nowMs)
      const doubtA = control.inFlight?.unknown ? control.inFlight.limitA : 0
      control.inFlight = {
        limitA: Math.max(limitA, doubtA),
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
        segments,
        rules.startBeforeMs,
      )
      const result = await send(control, profile, rises)
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
          validToMs,
          acceptedAtMs: clock.now(),
          previousA: beforeA,
        }
        return
      }
      failed(control, result)
    },
  }
}

export type Commands = ReturnType<typeof createCommands>
