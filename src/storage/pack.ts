import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Cell, Layout } from './layout.ts'
import type { FoundRow } from './match.ts'

/**
 * Rows stored together. First a byte that says in which format, then, deflated, the cells one after
 * another: no text holds NUL (rows.ts), so NUL is between them. A number stands as text, a text
 * behind `=`, null is empty.
 *
 * An OCPP frame shrinks to a fifth when it is alone, and to a twentieth among others. The fastest
 * level takes 1 us per frame; slower ones save little.
 */
const FORMAT = 1
const LEVEL = 1

/**
 * What rows are likely to hold, the likeliest last: what makes a pack of one row small. It is part
 * of the format: another text is another format.
 */
const WORDS = Buffer.from(
  '{"chargePointVendor":"","chargePointModel":"","firmwareVersion":"","chargingStation":{"model":"",' +
    '"vendorName":""},"reason":"PowerUp"}"BootNotification""SecurityEventNotification",' +
    '"NotifyReport",{"generatedAt":"","tbc":true,"reportData":[{"component":{"name":""},' +
    '"variable":{"name":""},"variableAttribute":[{"type":"Actual","value":""}]' +
    '"StartTransaction",{"connectorId":1,"idTag":"","meterStart":0,"timestamp":"' +
    '"StopTransaction",{"meterStop":0,"transactionId":,"reason":"EVDisconnected","transactionData":[' +
    '{"idTagInfo":{"status":"Accepted"},"transactionId":"Authorize",{"idToken":{"idToken":"",' +
    '"type":"ISO14443"}}{"idTokenInfo":{"status":"Accepted"}}' +
    '"SetChargingProfile",{"connectorId":1,"csChargingProfiles":{"chargingProfileId":1,' +
    '"evseId":1,"chargingProfile":{"id":1,"stackLevel":0,"chargingProfilePurpose":"TxProfile",' +
    '"chargingProfileKind":"Absolute","chargingSchedule":[{"id":1,"startSchedule":"2026-01-01T00:00:00Z",' +
    '"duration":,"chargingRateUnit":"A","chargingSchedulePeriod":[{"startPeriod":0,"limit":6,' +
    '"numberPhases":3}]' +
    '"StatusNotification",{"connectorId":1,"errorCode":"NoError","status":"Available","timestamp":"' +
    '"connectorStatus":"Occupied","evseId":1,"connectorId":1}' +
    '"TransactionEvent",{"eventType":"Updated","meterValue":[],"timestamp":"2026-01-01T00:00:00.000Z",' +
    '"triggerReason":"MeterValuePeriodic","seqNo":1,"transactionInfo":{"transactionId":"",' +
    '"chargingState":"Charging"},"evse":{"id":1,"connectorId":1}' +
    '"MeterValues",{"connectorId":1,"transactionId":1,"meterValue":[{"timestamp":' +
    '"2026-01-01T00:00:00.000Z","sampledValue":[{"value":"1","context":"Sample.Periodic",' +
    '"format":"Raw","measurand":"Energy.Active.Import.Register","unit":"Wh"},{"value":1,' +
    '"measurand":"Power.Active.Import","unit":"W","unitOfMeasure":{"unit":"W","multiplier":0}},' +
    '{"measurand":"Current.Import","phase":"L1","location":"Outlet","unit":"A"},{"value":"' +
    '"measurand":"Voltage","phase":"L1-N","unit":"V"}]}]}]\0' +
    '[{"code":"","values":{"limitA":,"node":""}}]' +
    '\0=in\0=call\0=StatusNotification\0=\0=[2,"\0=out\0=result\0=[3,"' +
    '","currentTime":"2026-01-01T00:00:00.000Z"}]\0=in\0=call\0=Heartbeat\0=\0=[2,"","Heartbeat",{}]' +
    '\0=out\0=result\0=Heartbeat\0=\0=[3,"",{}]',
)

const textOf = (cell: Cell): string => {
  if (cell === null) return ''
  return typeof cell === 'string' ? `=${cell}` : String(cell)
}

/** Packs rows of one table. */
export const packRows = (rows: readonly FoundRow[]): Buffer => {
  const parts: string[] = []
  for (const row of rows) for (const cell of row) parts.push(textOf(cell))
  const deflated = deflateRawSync(parts.join('\0'), { level: LEVEL, dictionary: WORDS })
  return Buffer.concat([Buffer.of(FORMAT), deflated])
}

/**
 * The rows of a pack, in their order; with a `key`, only those that have it in the column that
 * packed rows are looked up by. Throws an Error when it is damaged, or of a newer format.
 */
export const unpackRows = (layout: Layout, pack: Uint8Array, key: string | null): FoundRow[] => {
  if (pack[0] !== FORMAT) {
    throw new Error(`a pack of ${layout.table} has format ${pack[0]}; this Busbar knows ${FORMAT}`)
  }
  const parts = inflateRawSync(pack.subarray(1), { dictionary: WORDS }).toString().split('\0')
  const width = layout.columns.length + 1
  const keyAt = (layout.packed?.key ?? 0) + 1
  const keyPart = key === null ? null : textOf(key)
  const rows: FoundRow[] = []
  for (let at = 0; at + width <= parts.length; at += width) {
    if (keyPart !== null && parts[at + keyAt] !== keyPart) continue
    const row: Cell[] = [Number(parts[at])]
    for (const [position, { type }] of layout.columns.entries()) {
      const part = parts[at + 1 + position]
      if (part === '') row.push(null)
      else row.push(type === 'integer' || type === 'real' ? Number(part) : part.slice(1))
    }
    rows.push(row)
  }
  return rows
}
