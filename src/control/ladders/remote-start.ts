import type { EvseState } from '../../domain/evse-state.ts'
import type { CommandResult } from '../../ports/station-gateway.ts'
import { profilePhases, type CommandDeps } from '../commands.ts'
import { mayDraw } from '../draw-state.ts'
import { toldPhases, type AcceptedProfile, type EvseControl } from '../evse-control.ts'
import { transactionProfile } from '../profiles.ts'

export interface StartOutcome {
  readonly result: CommandResult
  /** The profile that the station accepted with the start; `null` = none. */
  readonly accepted: AcceptedProfile | null
}

/**
 * Starts a transaction for a token. `limitA`: the start carries a profile of so much, which counts
 * as a draw from now on; `null`: it carries none, and the failsafe holds at first.
 */
export type RemoteStart = (
  control: EvseControl,
  state: EvseState,
  idToken: string,
  limitA: number | null,
) => Promise<StartOutcome>

export const createRemoteStart = (deps: CommandDeps): RemoteStart => {
  const { site, clock, gateway, records, rules } = deps

  return async (control, state, idToken, limitA) => {
    const { stationId, evseId } = control.evse
    if (limitA === null) {
      const result = await gateway.remoteStart(stationId, evseId, idToken, null)
      return { result, accepted: null }
    }
    const nowMs = clock.now()
    const validToMs = nowMs + rules.profileValidityMs
    const previousA = mayDraw(control, state, nowMs, rules)
    const segments = [{ startMs: nowMs, endMs: validToMs, limitA }]
    const phases = toldPhases(control)
    const othersA = phases === 3 ? limitA : 0
    const sent = { limitA, othersA, phases, validToMs, sentAtMs: nowMs, unknown: true }
    control.inFlight = sent
    const profile = {
      ...transactionProfile(
        control.evse,
        site,
        state.capability,
        '',
        profilePhases(control, state),
        segments,
        rules.startBeforeMs,
      ),
      // OCPP 1.6 5.11, 2.0.1 F01.FR.08: of a transaction that has no id yet.
      transactionId: null,
    }
    let result: CommandResult
    try {
      // A crash must not forget what the station may draw.
      await records.sending(stationId, evseId, profile, nowMs, true)
      result = await gateway.remoteStart(stationId, evseId, idToken, profile)
    } catch (cause) {
      const detail = `not sent, storage failed: ${String(cause)}`
      result = { ok: false, reason: 'rejected', detail }
    }
    if (!result.ok) {
      const isRefused = result.reason !== 'timeout' && result.reason !== 'offline'
      if (isRefused && control.inFlight === sent) control.inFlight = null
      return { result, accepted: null }
    }
    const acceptedAtMs = clock.now()
    records.reported(stationId, evseId, profile, acceptedAtMs)
    const previousOthersA = previousA
    return {
      result,
      accepted: { limitA, validToMs, acceptedAtMs, previousA, phases, previousOthersA, segments },
    }
  }
}
