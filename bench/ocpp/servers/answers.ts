import type { Protocol } from '../generator/messages.ts'

/** What a central system that does nothing answers: valid, and as little as the schema allows. */
export type Answers = Readonly<Record<string, () => object>>

const heartbeat = (): object => ({ currentTime: new Date().toISOString() })
const boot = (): object => ({
  status: 'Accepted',
  currentTime: new Date().toISOString(),
  interval: 300,
})
const nothing = (): object => ({})

export const answersOf = (protocol: Protocol): Answers => {
  const common = { BootNotification: boot, Heartbeat: heartbeat, StatusNotification: nothing }
  if (protocol === 'ocpp2.0.1') return { ...common, TransactionEvent: nothing }
  let lastTransactionId = 0
  return {
    ...common,
    MeterValues: nothing,
    StartTransaction: () => ({
      transactionId: ++lastTransactionId,
      idTagInfo: { status: 'Accepted' },
    }),
    StopTransaction: nothing,
  }
}

/** A bounded limit of the running transaction: what a fan-out sends, the same from every server. */
export const profileFor = (protocol: Protocol, transactionId: string): object => {
  const startSchedule = new Date().toISOString()
  const period = { startPeriod: 0, limit: 16, numberPhases: 3 }
  const schedule = { duration: 180, startSchedule, chargingRateUnit: 'A' }
  const common = {
    stackLevel: 0,
    chargingProfilePurpose: 'TxProfile',
    chargingProfileKind: 'Absolute',
  }
  return protocol === 'ocpp1.6'
    ? {
        connectorId: 1,
        csChargingProfiles: {
          chargingProfileId: 12,
          transactionId: Number(transactionId),
          ...common,
          chargingSchedule: { ...schedule, chargingSchedulePeriod: [period] },
        },
      }
    : {
        evseId: 1,
        chargingProfile: {
          id: 12,
          transactionId,
          ...common,
          chargingSchedule: [{ id: 1, ...schedule, chargingSchedulePeriod: [period] }],
        },
      }
}
