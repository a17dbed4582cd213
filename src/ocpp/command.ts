import type { ChargingProfile, CompositeSchedule } from '../domain/charging-profile.ts'
import type { CommandResult, ProfileFilter } from '../ports/station-gateway.ts'

/** One CALL to a station: its payload, and how its answer is read. Pure. */
export interface Command<T = unknown> {
  readonly action: string
  readonly payload: object
  /** `response`: payload of the CALLRESULT, as it came. */
  read(response: object): CommandResult<T>
}

/** A command that the version cannot express. */
export type Refusal = Extract<CommandResult, { ok: false }>

export const refusal = (detail: string): Refusal => ({ ok: false, reason: 'invalid', detail })

export const isRefusal = (made: Command | Refusal): made is Refusal => 'ok' in made

export const done = <T>(response: T): CommandResult<T> => ({ ok: true, response })

/** What 2.x stations may add to a refusal. */
interface Answer {
  readonly status?: string
  readonly statusInfo?: { readonly reasonCode?: string; readonly additionalInfo?: string }
}

/**
 * Reads an answer by its status: those of `good` are success, anything else a rejection that tells
 * the operator what the station said and what may help.
 */
export const byStatus =
  (good: readonly string[], hints: Readonly<Record<string, string>> = {}) =>
  <R extends Answer>(response: R): CommandResult<R> => {
    const status = response.status ?? 'no status'
    if (good.includes(status)) return done(response)
    const { reasonCode, additionalInfo } = response.statusInfo ?? {}
    const said = [status, reasonCode, additionalInfo].filter(Boolean).join(', ')
    const hint = hints[status]
    const detail = `the station answered ${said}${hint ? `: ${hint}` : ''}`
    return { ok: false, reason: 'rejected', detail, response }
  }

/** Why stations refuse good profiles (field problems 1, 5, 6). */
export const PROFILE_HINTS = {
  Rejected:
    "check that the charger's own load balancing or local mode is off and that it takes this purpose, stack level and unit",
  NotSupported: 'it does not support smart charging; see SupportedFeatureProfiles',
} as const

/** A driver's identification, for a remote start. */
export interface StartToken {
  readonly idToken: string
  /** OCPP 2.x IdTokenEnumType; `null` = not known. */
  readonly type: string | null
}

/**
 * What we can ask of a station, in the words of one OCPP version. Profiles are shaped before: within
 * the capability of the station, times by its clock.
 */
export interface ToStation {
  setChargingProfile(evseId: number, profile: ChargingProfile): Command | Refusal
  /** Nothing to clear counts as done. */
  clearChargingProfile(filter: ProfileFilter): Command
  getCompositeSchedule(
    evseId: number,
    durationS: number,
    unit: 'A' | 'W',
  ): Command<CompositeSchedule>
  remoteStart(
    evseId: number | null,
    token: StartToken,
    profile: ChargingProfile | null,
    remoteStartId: number,
  ): Command | Refusal
  remoteStop(transactionId: string): Command | Refusal
  reset(kind: 'immediate' | 'on-idle'): Command
  unlock(evseId: number, connectorId: number): Command
  changeAvailability(evseId: number | null, operative: boolean): Command
  /** `message` in OCPP 2.x spelling. */
  trigger(message: string, evseId: number | null): Command | Refusal
  dataTransfer(vendorId: string, messageId: string | null, data: unknown): Command
}
