/**
 * What the stations of the bench answer to the central system's own CALLs: enough for a complete
 * central system to be content with them and to leave them alone.
 */
export const answerOf = (action: string, payload: Record<string, unknown>): object => {
  switch (action) {
    case 'GetConfiguration':
      return { configurationKey: CONFIGURATION, unknownKey: [] }
    case 'GetBaseReport':
      return { status: 'NotSupported' }
    case 'GetVariables':
      return { getVariableResult: results(payload['getVariableData'], 'UnknownComponent') }
    case 'SetVariables':
      return { setVariableResult: results(payload['setVariableData'], 'Accepted') }
    case 'TriggerMessage':
      return { status: 'NotImplemented' }
    default:
      return { status: 'Accepted' }
  }
}

const key = (name: string, value: string): object => ({ key: name, readonly: false, value })

const CONFIGURATION = [
  key('ChargeProfileMaxStackLevel', '8'),
  key('ChargingScheduleAllowedChargingRateUnit', 'Current'),
  key('ChargingScheduleMaxPeriods', '24'),
  key('MaxChargingProfilesInstalled', '10'),
  key('MeterValueSampleInterval', '60'),
  key('MeterValuesSampledData', 'Energy.Active.Import.Register'),
  key('SupportedFeatureProfiles', 'Core,SmartCharging'),
]

const results = (asked: unknown, attributeStatus: string): object[] =>
  (asked as { component: object; variable: object }[]).map(({ component, variable }) => ({
    attributeStatus,
    component,
    variable,
  }))
