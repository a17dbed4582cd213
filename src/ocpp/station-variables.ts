import type { StationVariable } from '../csms/capability.ts'
import type { Csms } from '../csms/csms.ts'
import type { CommandResult } from '../ports/station-gateway.ts'
import type { StationCall } from './station-call.ts'
import { changeConfiguration, getConfiguration } from './v16/to-station.ts'
import {
  getBaseReport,
  getVariables,
  setVariables,
  type VariableName,
  type WriteOutcome,
} from './v201/device-model.ts'
import type { Reports } from './v201/reports.ts'

/** How long a full inventory may take. */
const REPORT_MS = 120_000
/** Names per request when the station does not tell its own bound, or a higher one. */
const CHUNK_201 = 20

export interface StationVariables {
  /**
   * Reads variables (1.6: configuration keys, with an empty component); `null` = all that there are
   * (2.x: the full inventory). What was read is stored before it is returned.
   */
  read(
    stationId: string,
    names: readonly VariableName[] | null,
  ): Promise<CommandResult<StationVariable[]>>
  /** Writes variables; one outcome each, refusals included. Fails as a whole only on the wire. */
  write(
    stationId: string,
    changes: readonly (VariableName & { readonly value: string })[],
  ): Promise<CommandResult<WriteOutcome[]>>
}

/** Configuration of both versions behind one face. */
export const createStationVariables = (
  csms: Csms,
  call: StationCall,
  reports: Reports,
): StationVariables => {
  const is16 = (stationId: string): boolean =>
    csms.stations.find(stationId)?.connection?.protocol === 'ocpp1.6'

  const baseReport = async (stationId: string): Promise<CommandResult<StationVariable[]>> => {
    const requestId = reports.nextId()
    const expected = reports.expect<StationVariable>(stationId, 'report', requestId, REPORT_MS)
    const asked = await call.run(stationId, getBaseReport(requestId))
    if (!asked.ok || asked.response.status === 'EmptyResultSet') {
      expected.cancel()
      return asked.ok ? { ok: true, response: [] } : asked
    }
    const { parts, complete } = await expected.report
    if (complete) return { ok: true, response: [...parts] }
    const detail = `the report was not complete after ${REPORT_MS / 1_000} s (${parts.length} items)`
    return { ok: false, reason: 'timeout', detail, response: parts }
  }

  /** How many names one request may have: DeviceDataCtrlr.ItemsPerMessage of the action. */
  const chunkOf = async (
    stationId: string,
    action: 'GetVariables' | 'SetVariables',
  ): Promise<number> => {
    const known = await csms.variables.list(stationId)
    const bound = known.find(
      ({ component, variable, attribute }) =>
        component === 'DeviceDataCtrlr' &&
        variable === `ItemsPerMessage.${action}` &&
        attribute === 'Actual',
    )
    const items = Number.parseInt(bound?.value ?? '', 10)
    return items > 0 ? Math.min(items, CHUNK_201) : CHUNK_201
  }

  const readNamed = async (
    stationId: string,
    names: readonly VariableName[],
  ): Promise<CommandResult<StationVariable[]>> => {
    const found: StationVariable[] = []
    const chunk = await chunkOf(stationId, 'GetVariables')
    for (let from = 0; from < names.length; from += chunk) {
      const result = await call.run(stationId, getVariables(names.slice(from, from + chunk)))
      if (!result.ok) return result
      found.push(...result.response)
    }
    return { ok: true, response: found }
  }

  const write16 = async (
    stationId: string,
    changes: readonly (VariableName & { readonly value: string })[],
  ): Promise<CommandResult<WriteOutcome[]>> => {
    const outcomes: WriteOutcome[] = []
    for (const { component, variable, value } of changes) {
      const result = await call.run(stationId, changeConfiguration(variable, value))
      if (!result.ok && result.reason !== 'rejected') return result
      const answer = result.response as { readonly status?: string } | undefined
      outcomes.push({ component, variable, status: answer?.status ?? 'Rejected' })
    }
    return { ok: true, response: outcomes }
  }

  const write201 = async (
    stationId: string,
    changes: readonly (VariableName & { readonly value: string })[],
  ): Promise<CommandResult<WriteOutcome[]>> => {
    const outcomes: WriteOutcome[] = []
    const chunk = await chunkOf(stationId, 'SetVariables')
    for (let from = 0; from < changes.length; from += chunk) {
      const result = await call.run(stationId, setVariables(changes.slice(from, from + chunk)))
      if (!result.ok) return result
      outcomes.push(...result.response)
    }
    return { ok: true, response: outcomes }
  }

  return {
    read: async (stationId, names) => {
      if (is16(stationId)) {
        const keys = (names ?? []).map(({ variable }) => variable)
        const result = await call.run(stationId, getConfiguration(keys))
        if (result.ok) await csms.variables.store(stationId, result.response)
        return result
      }
      // Reports are stored part by part as they come.
      if (names === null) return await baseReport(stationId)
      const result = await readNamed(stationId, names)
      if (result.ok) await csms.variables.store(stationId, result.response)
      return result
    },

    write: async (stationId, changes) => {
      const is = is16(stationId)
      const result = await (is ? write16(stationId, changes) : write201(stationId, changes))
      if (!result.ok) return result
      const accepted = result.response.flatMap((outcome, index) =>
        outcome.status === 'Accepted' || outcome.status === 'RebootRequired'
          ? [{ ...outcome, value: changes[index]?.value ?? null, readonly: false }]
          : [],
      )
      await csms.variables.store(
        stationId,
        accepted.map(({ component, variable, attribute = 'Actual', value, readonly }) => ({
          component,
          variable,
          attribute,
          value,
          readonly,
        })),
      )
      return result
    },
  }
}
