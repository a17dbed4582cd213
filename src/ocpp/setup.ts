import { readCapability, type StationVariable } from '../csms/capability.ts'
import type { Learned, StationRecord } from '../csms/live.ts'
import type { Prepare } from '../csms/setup-queue.ts'
import type { CommandResult } from '../ports/station-gateway.ts'
import { DEFAULT_CAPABILITY } from '../domain/evse-state.ts'
import type { SetupDeps } from './setup-settings.ts'
import { configure16, READ_16 } from './v16/setup.ts'
import { configure201, connectorsOf, READ_201 } from './v201/setup.ts'

/** A refusal is one, too. */
const isAnswer = (reason: (CommandResult & { ok: false })['reason']): boolean =>
  reason === 'rejected' || reason === 'call-error'

/** Firmware that the learned things hold for. */
const firmwareOf = ({ vendor, model, firmware }: StationRecord): string =>
  [vendor, model, firmware].join('|')

/**
 * The set-up of a station after a boot or a reconnect. What a station can do is read once per
 * firmware and kept: a failed reading must not forget it (field problem 2). Failures are logged and
 * never fatal: a station that refuses to be configured still charges.
 */
export const createPrepare = (deps: SetupDeps): Prepare => {
  const { csms, gateway, log } = deps

  /** What the station says of itself, empty when it refuses to; `null` = it did not answer. */
  const readAll = async (station: StationRecord): Promise<readonly StationVariable[] | null> => {
    const { stationId } = station
    const all = await gateway.variables.read(stationId, null)
    if (all.ok && all.response.length > 0) return await csms.variables.list(stationId)
    // Some answer only when asked for a few keys by name (field problem 33).
    const names = station.connection?.protocol === 'ocpp1.6' ? READ_16 : READ_201
    const chunk = 4
    let found = 0
    let answers = all.ok || isAnswer(all.reason)
    for (let from = 0; from < names.length; from += chunk) {
      const some = await gateway.variables.read(stationId, names.slice(from, from + chunk))
      if (some.ok) found += some.response.length
      else if (some.reason === 'offline') return null
      answers ||= some.ok || isAnswer(some.reason)
    }
    if (found > 0) return await csms.variables.list(stationId)
    return answers ? [] : null
  }

  /** Stations of which the log has told already. */
  const silent = new WeakSet<StationRecord>()

  const learn = async (
    station: StationRecord,
  ): Promise<{ learned: Learned; variables: readonly StationVariable[] | null }> => {
    const { stationId, learned: before } = station
    const firmware = firmwareOf(station)
    if (before?.firmware === firmware) {
      // Only needed when configuring was cut short the last time.
      const needed = before.measurands === null
      return { learned: before, variables: needed ? await csms.variables.list(stationId) : [] }
    }
    const variables = await readAll(station)
    if (variables === null || variables.length === 0) {
      const level = silent.has(station) ? 'debug' : 'warn'
      silent.add(station)
      log[level](
        { stationId },
        'a station did not tell what it can do: defaults apply until it does',
      )
      return { learned: before ?? unread(), variables }
    }
    const profile = readCapability(variables)
    return { learned: { ...unread(), firmware, profile }, variables }
  }

  return async (stationId, reason) => {
    const station = csms.stations.find(stationId)
    if (!station?.connection) return
    const { generation, protocol } = station.connection
    const is16 = protocol === 'ocpp1.6'
    const known = station.learned
    const { learned, variables } = await learn(station)
    const isNew = learned !== known
    if (isNew) {
      csms.stations.learn(station, learned)
      // What was installed before was for a station that nobody knew.
      if (isOtherPlace(known, learned)) csms.connections.reassert(stationId)
    }
    if (learned.measurands === null && variables !== null) {
      const configure = is16 ? configure16 : configure201
      const { measurands, rebootRequired } = await configure(stationId, deps, variables)
      station.rebootRequired ||= rebootRequired
      // A command whose line ended may have done nothing: the next connection begins anew.
      const lost = station.connection?.generation !== generation
      // Fallbacks may have been learned meanwhile.
      const latest = station.learned ?? learned
      csms.stations.learn(station, { ...latest, measurands: lost ? null : measurands })
      if (lost) return
    }
    await resetOnce(station, deps)
    // After a boot stations report by themselves; after a reconnect they need not.
    if (reason === 'boot') return
    const requestedMessage = 'StatusNotification'
    if (is16) await gateway.call(stationId, 'TriggerMessage', { requestedMessage })
    else {
      // OCPP 2.0.1 F06.FR.12: a status is asked of a connector, never of the whole station.
      const reported = await csms.variables.list(stationId)
      for (const evse of connectorsOf(reported, station.evses.keys())) {
        await gateway.call(stationId, 'TriggerMessage', { requestedMessage, evse })
      }
    }
  }
}

/** Profiles belong at another level or in another unit than before. */
const isOtherPlace = (before: Learned | null, { profile }: Learned): boolean => {
  const { maxStackLevel, rateUnits } = before?.profile ?? DEFAULT_CAPABILITY
  return maxStackLevel !== profile.maxStackLevel || rateUnits.join() !== profile.rateUnits.join()
}

const unread = (): Learned => ({
  firmware: '',
  profile: DEFAULT_CAPABILITY,
  measurands: null,
  tried: [],
  resetSent: false,
})

/** A change that needs a reboot gets one, when nobody charges, and never again (field problem 34). */
const resetOnce = async (
  station: StationRecord,
  { csms, gateway, log }: SetupDeps,
): Promise<void> => {
  const { learned, stationId } = station
  if (!station.rebootRequired || learned === null || learned.resetSent) return
  if (station.transactions.size > 0) {
    log.info({ stationId }, 'a station needs a reboot for its new configuration: when it is idle')
    return
  }
  csms.stations.learn(station, { ...learned, resetSent: true })
  const result = await gateway.reset(stationId, 'on-idle')
  log.info({ stationId, ok: result.ok }, 'a station was reset for its new configuration')
}
