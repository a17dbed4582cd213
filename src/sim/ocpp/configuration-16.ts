import type { StationModel } from '../station-models.ts'

/** One configuration key of OCPP 1.6 (chapter 9). */
export interface ConfigurationKey {
  readonly key: string
  readonly readonly: boolean
  value: string
  /** What a new value must look like; a mismatch is rejected. */
  readonly form: RegExp
}

export type ConfigurationStatus = 'Accepted' | 'Rejected' | 'NotSupported'

/** The keys of a station, found without regard to case. */
export interface Configuration {
  all(): readonly ConfigurationKey[]
  get(key: string): ConfigurationKey | undefined
  seconds(key: string): number
  list(key: string): readonly string[]
  change(key: string, value: string): ConfigurationStatus
}

const SECONDS = /^\d{1,7}$/
const ANYTHING = /^[\s\S]*$/

export const createConfiguration = (
  model: StationModel,
  connectors: number,
  meterIntervalS: number,
  measurands: readonly string[],
): Configuration => {
  const { capability } = model
  const fixed = (key: string, value: string | number): ConfigurationKey => ({
    key,
    readonly: true,
    value: String(value),
    form: ANYTHING,
  })
  const open = (key: string, value: string | number, form: RegExp): ConfigurationKey => ({
    key,
    readonly: false,
    value: String(value),
    form,
  })
  const known = new RegExp(`^(${[...measurands, ','].map((m) => m.replaceAll('.', '\\.')).join('|')})*$`) // prettier-ignore
  const keys = [
    fixed('SupportedFeatureProfiles', 'Core,SmartCharging,RemoteTrigger'),
    fixed('ChargeProfileMaxStackLevel', capability.maxStackLevel),
    fixed('ChargingScheduleAllowedChargingRateUnit', model.rateUnitNames),
    fixed('ChargingScheduleMaxPeriods', capability.maxPeriods),
    fixed('MaxChargingProfilesInstalled', capability.maxProfiles),
    fixed('NumberOfConnectors', connectors),
    fixed('GetConfigurationMaxKeys', model.maxKeys),
    fixed('ConnectorSwitch3to1PhaseSupported', String(capability.switchesPhases === true)),
    fixed('MeterValuesSampledDataMaxLength', measurands.length),
    fixed('TransactionMessageAttempts', 3),
    fixed('TransactionMessageRetryInterval', 5),
    fixed('ResetRetries', 1),
    fixed('AuthorizeRemoteTxRequests', 'false'),
    fixed('LocalAuthorizeOffline', 'true'),
    fixed('LocalPreAuthorize', 'false'),
    fixed('StopTransactionOnInvalidId', 'true'),
    fixed('StopTransactionOnEVSideDisconnect', 'true'),
    fixed('UnlockConnectorOnEVSideDisconnect', 'true'),
    open('HeartbeatInterval', 300, SECONDS),
    open('ConnectionTimeOut', 60, SECONDS),
    open('MeterValueSampleInterval', meterIntervalS, SECONDS),
    open('ClockAlignedDataInterval', 0, SECONDS),
    open('MeterValuesSampledData', measurands.join(','), known),
    open('MeterValuesAlignedData', measurands.join(','), known),
    open('StopTxnSampledData', '', known),
    open('ConnectorPhaseRotation', 'NotApplicable', ANYTHING),
  ]
  const byName = new Map(keys.map((entry) => [entry.key.toLowerCase(), entry]))
  const get = (key: string): ConfigurationKey | undefined => byName.get(key.toLowerCase())
  return {
    all: () => keys,
    get,
    seconds: (key) => Number(get(key)?.value ?? 0),
    list: (key) => (get(key)?.value ?? '').split(',').filter((item) => item !== ''),
    change: (key, value) => {
      const entry = get(key)
      if (!entry) return 'NotSupported'
      if (entry.readonly || !entry.form.test(value)) return 'Rejected'
      entry.value = value
      return 'Accepted'
    },
  }
}
