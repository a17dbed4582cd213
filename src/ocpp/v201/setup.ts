import { lookUp, type StationVariable } from '../../csms/capability.ts'
import type { Configure } from '../setup-settings.ts'
import type { VariableName, WriteOutcome } from './device-model.ts'

const name = (component: string, variable: string): VariableName => ({ component, variable })

/** Variables that matter, for stations that do not report them all. */
export const READ_201: readonly VariableName[] = [
  name('SmartChargingCtrlr', 'RateUnit'),
  name('SmartChargingCtrlr', 'ProfileStackLevel'),
  name('SmartChargingCtrlr', 'PeriodsPerSchedule'),
  name('SmartChargingCtrlr', 'Entries.ChargingProfiles'),
  name('SmartChargingCtrlr', 'Enabled'),
  name('SmartChargingCtrlr', 'Phases3to1'),
  name('SmartChargingCtrlr', 'ACPhaseSwitchingSupported'),
  name('SampledDataCtrlr', 'TxUpdatedMeasurands'),
  name('SampledDataCtrlr', 'TxUpdatedInterval'),
]

/**
 * The connectors of EVSEs, as the device model names them (`Connector@1/2`); where it names none
 * there is one.
 */
export const connectorsOf = (
  variables: readonly StationVariable[],
  evseIds: Iterable<number>,
): { id: number; connectorId: number }[] =>
  Array.from(evseIds, (id) => {
    const place = `Connector@${id}/`
    const named = variables.filter(({ component }) => component.startsWith(place))
    const ids = new Set(named.map(({ component }) => Number(component.slice(place.length))))
    return Array.from(ids.size > 0 ? ids : [1], (connectorId) => ({ id, connectorId }))
  }).flat()

const SAMPLED = 'SampledDataCtrlr'

/** Everything in a list, in the order of our wish, that the station says it can measure. */
const offered = (wanted: readonly string[], valuesList: string | null): string[] => {
  if (valuesList === null) return [...wanted]
  const known = new Set(valuesList.split(',').map((value) => value.trim()))
  const both = wanted.filter((measurand) => known.has(measurand))
  return both.length > 0 ? both : [...wanted]
}

/**
 * What to measure and how often, in one SetVariables; each variable has its own outcome. A refused
 * list is cut from the end until the register alone is left.
 */
export const configure201: Configure = async (stationId, deps, variables) => {
  const { gateway, settings, log } = deps
  const list = (variable: string): string[] =>
    offered(settings.measurands, lookUp(variables, SAMPLED, variable, 'valuesList'))
  let rebootRequired = false
  const write = async (
    changes: readonly (VariableName & { readonly value: string })[],
  ): Promise<readonly WriteOutcome[]> => {
    const result = await gateway.variables.write(stationId, changes)
    const outcomes = result.ok ? result.response : []
    rebootRequired ||= outcomes.some(({ status }) => status === 'RebootRequired')
    return outcomes
  }
  const isTaken = (outcome: WriteOutcome | undefined): boolean =>
    outcome?.status === 'Accepted' || outcome?.status === 'RebootRequired'

  let measurands = list('TxUpdatedMeasurands')
  const outcomes = await write([
    { ...name(SAMPLED, 'TxUpdatedMeasurands'), value: measurands.join(',') },
    { ...name(SAMPLED, 'TxUpdatedInterval'), value: String(settings.sampleIntervalS) },
    { ...name(SAMPLED, 'TxStartedMeasurands'), value: 'Energy.Active.Import.Register' },
    { ...name(SAMPLED, 'TxEndedMeasurands'), value: 'Energy.Active.Import.Register' },
  ])
  for (const { variable, status } of outcomes) {
    if (status !== 'Accepted') log.info({ stationId, variable, status }, 'a setting was not taken')
  }
  let taken = isTaken(outcomes.find(({ variable }) => variable === 'TxUpdatedMeasurands'))
  while (!taken && outcomes.length > 0 && measurands.length > 1) {
    measurands = measurands.slice(0, -1)
    const value = measurands.join(',')
    taken = isTaken((await write([{ ...name(SAMPLED, 'TxUpdatedMeasurands'), value }]))[0])
  }
  return { measurands: taken ? measurands.join(',') : '', rebootRequired }
}
