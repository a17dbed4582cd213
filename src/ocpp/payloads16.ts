import type * as T from 'typed-ocpp/dist/ocpp16/types.js'
import type { Direction, Handler } from './dialect.ts'

/** OCPP 1.6: core (edition 2, 28 actions) and security whitepaper (edition 3, 11 actions). */
export interface Payloads16 {
  Authorize: { request: T.AuthorizeRequest; response: T.AuthorizeResponse }
  BootNotification: { request: T.BootNotificationRequest; response: T.BootNotificationResponse }
  CancelReservation: { request: T.CancelReservationRequest; response: T.CancelReservationResponse }
  CertificateSigned: { request: T.CertificateSignedRequest; response: T.CertificateSignedResponse }
  ChangeAvailability: {
    request: T.ChangeAvailabilityRequest
    response: T.ChangeAvailabilityResponse
  }
  ChangeConfiguration: {
    request: T.ChangeConfigurationRequest
    response: T.ChangeConfigurationResponse
  }
  ClearCache: { request: T.ClearCacheRequest; response: T.ClearCacheResponse }
  ClearChargingProfile: {
    request: T.ClearChargingProfileRequest
    response: T.ClearChargingProfileResponse
  }
  DataTransfer: { request: T.DataTransferRequest; response: T.DataTransferResponse }
  DeleteCertificate: { request: T.DeleteCertificateRequest; response: T.DeleteCertificateResponse }
  DiagnosticsStatusNotification: {
    request: T.DiagnosticsStatusNotificationRequest
    response: T.DiagnosticsStatusNotificationResponse
  }
  ExtendedTriggerMessage: {
    request: T.ExtendedTriggerMessageRequest
    response: T.ExtendedTriggerMessageResponse
  }
  FirmwareStatusNotification: {
    request: T.FirmwareStatusNotificationRequest
    response: T.FirmwareStatusNotificationResponse
  }
  GetCompositeSchedule: {
    request: T.GetCompositeScheduleRequest
    response: T.GetCompositeScheduleResponse
  }
  GetConfiguration: { request: T.GetConfigurationRequest; response: T.GetConfigurationResponse }
  GetDiagnostics: { request: T.GetDiagnosticsRequest; response: T.GetDiagnosticsResponse }
  GetInstalledCertificateIds: {
    request: T.GetInstalledCertificateIdsRequest
    response: T.GetInstalledCertificateIdsResponse
  }
  GetLocalListVersion: {
    request: T.GetLocalListVersionRequest
    response: T.GetLocalListVersionResponse
  }
  GetLog: { request: T.GetLogRequest; response: T.GetLogResponse }
  Heartbeat: { request: T.HeartbeatRequest; response: T.HeartbeatResponse }
  InstallCertificate: {
    request: T.InstallCertificateRequest
    response: T.InstallCertificateResponse
  }
  LogStatusNotification: {
    request: T.LogStatusNotificationRequest
    response: T.LogStatusNotificationResponse
  }
  MeterValues: { request: T.MeterValuesRequest; response: T.MeterValuesResponse }
  RemoteStartTransaction: {
    request: T.RemoteStartTransactionRequest
    response: T.RemoteStartTransactionResponse
  }
  RemoteStopTransaction: {
    request: T.RemoteStopTransactionRequest
    response: T.RemoteStopTransactionResponse
  }
  ReserveNow: { request: T.ReserveNowRequest; response: T.ReserveNowResponse }
  Reset: { request: T.ResetRequest; response: T.ResetResponse }
  SecurityEventNotification: {
    request: T.SecurityEventNotificationRequest
    response: T.SecurityEventNotificationResponse
  }
  SendLocalList: { request: T.SendLocalListRequest; response: T.SendLocalListResponse }
  SetChargingProfile: {
    request: T.SetChargingProfileRequest
    response: T.SetChargingProfileResponse
  }
  SignCertificate: { request: T.SignCertificateRequest; response: T.SignCertificateResponse }
  SignedFirmwareStatusNotification: {
    request: T.SignedFirmwareStatusNotificationRequest
    response: T.SignedFirmwareStatusNotificationResponse
  }
  SignedUpdateFirmware: {
    request: T.SignedUpdateFirmwareRequest
    response: T.SignedUpdateFirmwareResponse
  }
  StartTransaction: { request: T.StartTransactionRequest; response: T.StartTransactionResponse }
  StatusNotification: {
    request: T.StatusNotificationRequest
    response: T.StatusNotificationResponse
  }
  StopTransaction: { request: T.StopTransactionRequest; response: T.StopTransactionResponse }
  TriggerMessage: { request: T.TriggerMessageRequest; response: T.TriggerMessageResponse }
  UnlockConnector: { request: T.UnlockConnectorRequest; response: T.UnlockConnectorResponse }
  UpdateFirmware: { request: T.UpdateFirmwareRequest; response: T.UpdateFirmwareResponse }
}

export type Action16 = keyof Payloads16
export type Request16<A extends Action16> = Payloads16[A]['request']
export type Response16<A extends Action16> = Payloads16[A]['response']

/** Which side sends the CALL of each action. */
export const ACTIONS_16 = {
  Authorize: 'from-station',
  BootNotification: 'from-station',
  CancelReservation: 'to-station',
  CertificateSigned: 'to-station',
  ChangeAvailability: 'to-station',
  ChangeConfiguration: 'to-station',
  ClearCache: 'to-station',
  ClearChargingProfile: 'to-station',
  DataTransfer: 'both',
  DeleteCertificate: 'to-station',
  DiagnosticsStatusNotification: 'from-station',
  ExtendedTriggerMessage: 'to-station',
  FirmwareStatusNotification: 'from-station',
  GetCompositeSchedule: 'to-station',
  GetConfiguration: 'to-station',
  GetDiagnostics: 'to-station',
  GetInstalledCertificateIds: 'to-station',
  GetLocalListVersion: 'to-station',
  GetLog: 'to-station',
  Heartbeat: 'from-station',
  InstallCertificate: 'to-station',
  LogStatusNotification: 'from-station',
  MeterValues: 'from-station',
  RemoteStartTransaction: 'to-station',
  RemoteStopTransaction: 'to-station',
  ReserveNow: 'to-station',
  Reset: 'to-station',
  SecurityEventNotification: 'from-station',
  SendLocalList: 'to-station',
  SetChargingProfile: 'to-station',
  SignCertificate: 'from-station',
  SignedFirmwareStatusNotification: 'from-station',
  SignedUpdateFirmware: 'to-station',
  StartTransaction: 'from-station',
  StatusNotification: 'from-station',
  StopTransaction: 'from-station',
  TriggerMessage: 'to-station',
  UnlockConnector: 'to-station',
  UpdateFirmware: 'to-station',
} as const satisfies Record<Action16, Direction>

type Sent16<D extends Direction> = {
  [A in Action16]: (typeof ACTIONS_16)[A] extends D ? A : never
}[Action16]

/** Actions that a station calls and we answer. */
export type FromStation16 = Sent16<'from-station' | 'both'>
/** Actions that we call and a station answers. */
export type ToStation16 = Sent16<'to-station' | 'both'>

/** Rows for `Dialect.handlers`: write `{ ... } satisfies Handlers16`. */
export type Handlers16 = {
  readonly [A in FromStation16]?: Handler<Request16<A>, Response16<A>>
}
