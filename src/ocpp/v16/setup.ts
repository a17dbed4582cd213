import { lookUp, type StationVariable } from '../../csms/capability.ts'
import type { Configure, SetupDeps } from '../setup-settings.ts'
import type { VariableName } from '../v201/device-model.ts'

const key = (variable: string): VariableName => ({ component: '', variable })

/** Keys that matter, for stations that do not list them all. */
export const READ_16: readonly VariableName[] = [
  'ChargeProfileMaxStackLevel',
  'ChargingScheduleAllowedChargingRateUnit',
  'ChargingScheduleMaxPeriods',
  'MaxChargingProfilesInstalled',
  'ConnectorSwitch3to1PhaseSupported',
  'SupportedFeatureProfiles',
  'NumberOfConnectors',
  'MeterValuesSampledData',
  'MeterValuesSampledDataMaxLength',
  'MeterValueSampleInterval',
  'WebSocketPingInterval',
].map(key)

/**
 * What to measure and how often. The whole list first; a station that refuses it is asked for one
 * measurand after the other, once per firmware (field problem 32). A reconnect with the same
 * firmware sends nothing.
 */
export const configure16: Configure = async (stationId, deps, variables) => {
  const { settings, gateway, log } = deps
  const has = (name: string): string | null => lookUp(variables, '', name)
  let rebootRequired = false
  const change: Change = async (name, value) => {
    const result = await gateway.variables.write(stationId, [{ ...key(name), value }])
    const status = result.ok ? result.response[0]?.status : result.reason
    rebootRequired ||= status === 'RebootRequired'
    const taken = status === 'Accepted' || status === 'RebootRequired'
    if (!taken) log.info({ stationId, key: name, value, status }, 'a setting was not taken')
    return taken
  }

  const measurands = await setMeasurands(stationId, deps, variables, change)
  if (has('MeterValueSampleInterval')?.trim() !== String(settings.sampleIntervalS)) {
    await change('MeterValueSampleInterval', String(settings.sampleIntervalS))
  }
  // Only where the station has the key, and only if it does not ping yet.
  const ping = has('WebSocketPingInterval')
  if (settings.pingIntervalS !== null && ping !== null && Number.parseInt(ping, 10) === 0) {
    await change('WebSocketPingInterval', String(settings.pingIntervalS))
  }
  return { measurands, rebootRequired }
}

/** Sets a key; false when the station did not take it. */
type Change = (name: string, value: string) => Promise<boolean>

const NAME = 'MeterValuesSampledData'

const setMeasurands = async (
  stationId: string,
  { settings, log }: SetupDeps,
  variables: readonly StationVariable[],
  change: Change,
): Promise<string> => {
  const present = variables.find(({ variable }) => variable.toLowerCase() === NAME.toLowerCase())
  const current = clean(present?.value ?? '')
  const maxLength = Number.parseInt(lookUp(variables, '', `${NAME}MaxLength`) ?? '', 10)
  const room = maxLength > 0 ? maxLength : settings.measurands.length
  const wanted = settings.measurands.slice(0, room)
  if (present?.readonly === true || current === wanted.join(',')) return current
  if (await change(NAME, wanted.join(','))) return wanted.join(',')
  const taken: string[] = []
  for (const measurand of settings.measurands) {
    if (await change(NAME, measurand)) taken.push(measurand)
  }
  // Each probe replaced the list: in the end it must hold as many as the station takes together.
  const list = taken.slice(0, room)
  while (list.length > 0 && !(await change(NAME, list.join(',')))) list.pop()
  log.info({ stationId, measurands: list }, 'measurands were found one by one')
  return list.join(',') || current
}

/** Stations quote and pad the list. */
const clean = (list: string): string =>
  list
    .replace(/["'\s]/g, '')
    .split(',')
    .filter(Boolean)
    .join(',')
