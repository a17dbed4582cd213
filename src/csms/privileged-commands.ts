/**
 * What an operator may have done to a station, and what needs an administrator: whatever changes its
 * firmware, credentials, certificates, network or charging profiles, and whatever is not known to
 * leave them alone (vendor extensions, vendor settings, actions of later versions).
 */

/** Actions of all versions that leave trust, firmware and limits alone. */
const OPERATIONS: ReadonlySet<string> = new Set([
  'CancelReservation',
  'ChangeAvailability',
  'ClearCache',
  'ClearDisplayMessage',
  'ClearVariableMonitoring',
  'CostUpdated',
  'CustomerInformation',
  'ExtendedTriggerMessage',
  'GetBaseReport',
  'GetChargingProfiles',
  'GetCompositeSchedule',
  'GetConfiguration',
  'GetDiagnostics',
  'GetDisplayMessages',
  'GetInstalledCertificateIds',
  'GetLocalListVersion',
  'GetLog',
  'GetMonitoringReport',
  'GetReport',
  'GetTransactionStatus',
  'GetVariables',
  'RemoteStopTransaction',
  'RequestStopTransaction',
  'ReserveNow',
  'Reset',
  'SendLocalList',
  'SetDisplayMessage',
  'SetMonitoringBase',
  'SetMonitoringLevel',
  'SetVariableMonitoring',
  'TriggerMessage',
  'UnlockConnector',
])

/** Configuration keys of OCPP 1.6 (section 9) for metering, timing and local authorization. */
const OPERATING_KEYS: ReadonlySet<string> = new Set(
  [
    'AllowOfflineTxForUnknownId',
    'AuthorizationCacheEnabled',
    'AuthorizeRemoteTxRequests',
    'BlinkRepeat',
    'ClockAlignedDataInterval',
    'ConnectionTimeOut',
    'HeartbeatInterval',
    'LightIntensity',
    'LocalAuthListEnabled',
    'LocalAuthorizeOffline',
    'LocalPreAuthorize',
    'MaxEnergyOnInvalidId',
    'MeterValuesAlignedData',
    'MeterValuesSampledData',
    'MeterValueSampleInterval',
    'MinimumStatusDuration',
    'ResetRetries',
    'StopTransactionOnEVSideDisconnect',
    'StopTransactionOnInvalidId',
    'StopTxnAlignedData',
    'StopTxnSampledData',
    'TransactionMessageAttempts',
    'TransactionMessageRetryInterval',
    'UnlockConnectorOnEVSideDisconnect',
    'WebSocketPingInterval',
  ].map((key) => key.toLowerCase()),
)

/** Components of the OCPP 2.x device model (part 2, appendix 3) for the same. */
const OPERATING_COMPONENTS: ReadonlySet<string> = new Set(
  [
    'AlignedDataCtrlr',
    'AuthCacheCtrlr',
    'AuthCtrlr',
    'ClockCtrlr',
    'DeviceDataCtrlr',
    'DisplayMessageCtrlr',
    'LocalAuthListCtrlr',
    'MonitoringCtrlr',
    'ReservationCtrlr',
    'SampledDataCtrlr',
    'TariffCostCtrlr',
    'TxCtrlr',
  ].map((component) => component.toLowerCase()),
)

const isListed = (names: ReadonlySet<string>, name: unknown): boolean =>
  typeof name === 'string' && names.has(name.toLowerCase())

/** `payload` is that of the action, not validated yet. */
export const isPrivileged = (
  action: string,
  payload: Readonly<Record<string, unknown>>,
): boolean => {
  switch (action) {
    case 'ChangeConfiguration':
      return !isListed(OPERATING_KEYS, payload['key'])
    case 'SetVariables': {
      const { setVariableData } = payload
      if (!Array.isArray(setVariableData)) return true
      return !setVariableData.every((each: unknown) => {
        const { component } = (each ?? {}) as { component?: { name?: unknown } | null }
        return isListed(OPERATING_COMPONENTS, component?.name)
      })
    }
    // A start may carry a profile of its own.
    case 'RemoteStartTransaction':
    case 'RequestStartTransaction':
      return payload['chargingProfile'] !== undefined
    default:
      return !OPERATIONS.has(action)
  }
}
