import type {
  ComponentType,
  DataEnumType,
  GetVariableDataType,
  GetVariableResultType,
  MutabilityEnumType,
  ReportDataType,
  SetVariableDataType,
  SetVariableResultType,
  VariableType,
} from 'typed-ocpp/dist/ocpp20/types.js'
import { lineCount } from '../../domain/wiring.ts'
import { MEASURANDS } from './samples.ts'
import type { SimStation } from '../station.ts'

interface DeviceVariable {
  readonly component: ComponentType
  readonly variable: VariableType
  readonly dataType: DataEnumType
  readonly mutability: MutabilityEnumType
  readonly unit?: string
  readonly maxLimit?: number
  readonly valuesList?: string
  /** What a new value must look like. */
  readonly form?: RegExp
  value: string
}

/** The device model of a 2.0.1 station. */
export interface DeviceModel {
  get(request: GetVariableDataType): GetVariableResultType
  set(request: SetVariableDataType): SetVariableResultType
  /** `configurationOnly`: what can be set, and nothing else (B07, ConfigurationInventory). */
  report(configurationOnly: boolean): readonly ReportDataType[]
  seconds(component: string, variable: string): number
  list(component: string, variable: string): readonly string[]
}

const INTEGER = /^\d{1,7}$/

const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

const sameComponent = (a: ComponentType, b: ComponentType): boolean =>
  sameName(a.name, b.name) &&
  sameName(a.instance ?? '', b.instance ?? '') &&
  a.evse?.id === b.evse?.id &&
  a.evse?.connectorId === b.evse?.connectorId

const fixed = (
  component: ComponentType | string,
  variable: VariableType | string,
  value: string | number,
  dataType: DataEnumType,
  more: Partial<DeviceVariable> = {},
): DeviceVariable => ({
  component: typeof component === 'string' ? { name: component } : component,
  variable: typeof variable === 'string' ? { name: variable } : variable,
  value: String(value),
  dataType,
  mutability: 'ReadOnly',
  ...more,
})

const open = (...[component, variable, value, dataType, more]: Parameters<typeof fixed>) =>
  fixed(component, variable, value, dataType, { mutability: 'ReadWrite', ...more })

const seconds = (component: string, variable: VariableType | string, value: number) =>
  open(component, variable, value, 'integer', { unit: 's', form: INTEGER })

const measurands = (component: string, variable: string, value: string) =>
  open(component, variable, value, 'MemberList', {
    valuesList: MEASURANDS.join(','),
    form: new RegExp(`^(${[...MEASURANDS, ','].map((m) => m.replaceAll('.', '\\.')).join('|')})*$`),
  })

const controllers = (meterIntervalS: number): DeviceVariable[] => [
  seconds('OCPPCommCtrlr', 'HeartbeatInterval', 300),
  fixed('OCPPCommCtrlr', { name: 'MessageTimeout', instance: 'Default' }, 30, 'integer'),
  fixed('OCPPCommCtrlr', { name: 'MessageAttempts', instance: 'TransactionEvent' }, 3, 'integer'),
  fixed(
    'OCPPCommCtrlr',
    { name: 'MessageAttemptInterval', instance: 'TransactionEvent' },
    5,
    'integer',
  ),
  fixed('AuthCtrlr', 'OfflineTxForUnknownIdEnabled', 'true', 'boolean'),
  fixed('AuthCtrlr', 'AuthorizeRemoteStart', 'false', 'boolean'),
  fixed('TxCtrlr', 'TxStartPoint', 'Authorized', 'MemberList'),
  fixed('TxCtrlr', 'TxStopPoint', 'Authorized,EVConnected', 'MemberList'),
  fixed('TxCtrlr', 'StopTxOnInvalidId', 'true', 'boolean'),
  fixed('TxCtrlr', 'StopTxOnEVSideDisconnect', 'true', 'boolean'),
  seconds('TxCtrlr', 'EVConnectionTimeOut', 60),
  seconds('SampledDataCtrlr', 'TxUpdatedInterval', meterIntervalS),
  measurands('SampledDataCtrlr', 'TxUpdatedMeasurands', MEASURANDS.join(',')),
  measurands('SampledDataCtrlr', 'TxStartedMeasurands', MEASURANDS[0]),
  measurands('SampledDataCtrlr', 'TxEndedMeasurands', MEASURANDS[0]),
  seconds('AlignedDataCtrlr', 'Interval', 0),
  measurands('AlignedDataCtrlr', 'Measurands', MEASURANDS.join(',')),
  fixed('DeviceDataCtrlr', { name: 'ItemsPerMessage', instance: 'GetVariables' }, 20, 'integer'),
  fixed('DeviceDataCtrlr', { name: 'ItemsPerMessage', instance: 'SetVariables' }, 20, 'integer'),
]

const smartCharging = (station: SimStation): DeviceVariable[] => {
  const name = 'SmartChargingCtrlr'
  const { capability } = station.spec.model
  const entries = { name: 'Entries', instance: 'ChargingProfiles' }
  return [
    fixed(name, 'Available', 'true', 'boolean'),
    fixed(name, 'Enabled', 'true', 'boolean'),
    fixed(name, 'ProfileStackLevel', capability.maxStackLevel, 'integer'),
    fixed(name, 'PeriodsPerSchedule', capability.maxPeriods, 'integer'),
    fixed(name, 'RateUnit', capability.rateUnits.join(','), 'MemberList', { valuesList: 'A,W' }),
    {
      ...fixed(name, entries, 0, 'integer', { maxLimit: capability.maxProfiles }),
      get value() {
        return String(station.profiles.length)
      },
    },
    fixed(name, 'Phases3to1', String(capability.switchesPhases === true), 'boolean'),
    fixed(name, 'ACPhaseSwitchingSupported', String(capability.choosesPhase === true), 'boolean'),
    fixed(name, 'LimitChangeSignificance', 1, 'decimal'),
  ]
}

const hardware = (station: SimStation): DeviceVariable[] => {
  const { id, model } = station.spec
  return [
    fixed('ChargingStation', 'Model', model.model, 'string'),
    fixed('ChargingStation', 'VendorName', model.vendor, 'string'),
    fixed('ChargingStation', 'FirmwareVersion', model.firmware, 'string'),
    fixed('ChargingStation', 'SerialNumber', id.slice(0, 25), 'string'),
    ...station.ports.flatMap(({ evse, wattsPerAmp }) => {
      const component = { name: 'EVSE', evse: { id: evse.evseId } }
      const maxLimit = Math.round(evse.maxA * wattsPerAmp * evse.efficiency)
      const connector = { name: 'Connector', evse: { id: evse.evseId, connectorId: 1 } }
      return [
        fixed(component, 'Available', 'true', 'boolean'),
        fixed(component, 'Power', 0, 'decimal', { unit: 'W', maxLimit }),
        fixed(component, 'SupplyPhases', lineCount(evse.wiring), 'integer'),
        fixed(connector, 'ConnectorType', evse.current === 'DC' ? 'cCCS2' : 'cType2', 'OptionList'),
      ]
    }),
  ]
}

const asReport = (each: DeviceVariable): ReportDataType => ({
  component: each.component,
  variable: each.variable,
  variableAttribute: [{ type: 'Actual', value: each.value, mutability: each.mutability }],
  variableCharacteristics: {
    dataType: each.dataType,
    supportsMonitoring: false,
    ...(each.unit ? { unit: each.unit } : {}),
    ...(each.maxLimit === undefined ? {} : { maxLimit: each.maxLimit }),
    ...(each.valuesList ? { valuesList: each.valuesList } : {}),
  },
})

export const createDeviceModel = (station: SimStation, meterIntervalS: number): DeviceModel => {
  const all = [...controllers(meterIntervalS), ...smartCharging(station), ...hardware(station)]
  const find = ({ component, variable }: Pick<GetVariableDataType, 'component' | 'variable'>) => {
    const ofComponent = all.filter((each) => sameComponent(each.component, component))
    if (ofComponent.length === 0) return 'UnknownComponent' as const
    const found = ofComponent.find(
      (each) =>
        sameName(each.variable.name, variable.name) &&
        sameName(each.variable.instance ?? '', variable.instance ?? ''),
    )
    return found ?? ('UnknownVariable' as const)
  }
  const valueOf = (component: string, name: string): string => {
    const found = find({ component: { name: component }, variable: { name } })
    return typeof found === 'string' ? '' : found.value
  }
  return {
    get: ({ component, variable, attributeType }) => {
      const result = { component, variable, ...(attributeType ? { attributeType } : {}) }
      const found = find({ component, variable })
      if (typeof found === 'string') return { ...result, attributeStatus: found }
      if (attributeType && attributeType !== 'Actual') {
        return { ...result, attributeStatus: 'NotSupportedAttributeType' }
      }
      return { ...result, attributeStatus: 'Accepted', attributeValue: found.value }
    },
    set: ({ component, variable, attributeType, attributeValue }) => {
      const result = { component, variable, ...(attributeType ? { attributeType } : {}) }
      const found = find({ component, variable })
      if (typeof found === 'string') return { ...result, attributeStatus: found }
      if (attributeType && attributeType !== 'Actual') {
        return { ...result, attributeStatus: 'NotSupportedAttributeType' }
      }
      if (found.mutability === 'ReadOnly' || found.form?.test(attributeValue) === false) {
        return { ...result, attributeStatus: 'Rejected' }
      }
      found.value = attributeValue
      return { ...result, attributeStatus: 'Accepted' }
    },
    report: (configurationOnly) =>
      all
        .filter((each) => !configurationOnly || each.mutability !== 'ReadOnly')
        .map((each) => asReport(each)),
    seconds: (component, variable) => Number(valueOf(component, variable)),
    list: (component, variable) =>
      valueOf(component, variable)
        .split(',')
        .filter((item) => item !== ''),
  }
}
