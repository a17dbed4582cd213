import { RPCClient } from 'ocpp-rpc'
import { total, type PerPhase } from '../../src/domain/phases.ts'

/** A limit that a station was told, in the words of either version. */
export interface ToldProfile {
  readonly purpose: string
  readonly transactionId: string | null
  readonly limitA: number
  readonly validTo: string | null
  readonly numberPhases: number | null
  /** Terminal to use alone; 2.0.1 only. */
  readonly phaseToUse: number | null
}

export interface RpcStation {
  readonly client: RPCClient
  readonly told: ToldProfile[]
  /** The transaction profile that was told last. */
  profile(): ToldProfile | null
  /** Its limit. */
  limitA(): number | null
  boot(): Promise<string>
  start(idToken: string): Promise<string>
  /** Reports what the vehicle draws, amperes on each of three terminals. */
  measure(amps: number | PerPhase): Promise<void>
  stop(): Promise<void>
  close(): Promise<void>
}

interface WirePeriod {
  limit: number
  numberPhases?: number
  phaseToUse?: number
}
interface Wire16 {
  csChargingProfiles: {
    chargingProfilePurpose: string
    transactionId?: number
    validTo?: string
    chargingSchedule: { chargingSchedulePeriod: WirePeriod[] }
  }
}
interface Wire201 {
  chargingProfile: {
    chargingProfilePurpose: string
    transactionId?: string
    validTo?: string
    chargingSchedule: { chargingSchedulePeriod: WirePeriod[] }[]
  }
}

interface WireGet201 {
  getVariableData: { variable: { name: string } }[]
}

const phasesOf = ({ numberPhases, phaseToUse }: WirePeriod) => ({
  numberPhases: numberPhases ?? null,
  phaseToUse: phaseToUse ?? null,
})

/**
 * A station made from a client library that we did not write (`ocpp-rpc`, strict both ways).
 * `says`: configuration keys (1.6) or variables (2.0.1) that it has besides.
 */
export const createRpcStation = async (
  endpoint: string,
  identity: string,
  password: string,
  version: '1.6' | '2.0.1',
  says: Readonly<Record<string, string>> = {},
): Promise<RpcStation> => {
  const client = new RPCClient({
    endpoint,
    identity,
    password,
    protocols: [`ocpp${version}`],
    strictMode: true,
    reconnect: true,
    backoff: { initialDelay: 200, maxDelay: 500 },
  } as unknown as ConstructorParameters<typeof RPCClient>[0])
  const told: ToldProfile[] = []
  const is16 = version === '1.6'
  let transactionId = ''
  let seqNo = 0
  let energyWh = 1000
  /** What it draws since when: its register counts that. */
  let drawn = { watts: 0, sinceMs: Date.now() }

  const handle = (action: string, answer: (params: unknown) => object): void => {
    client.handle(action, (({ params }: { params: unknown }) => answer(params)) as never)
  }
  // A line that comes back says something, as real stations do.
  client.on('open', () => void client.call('Heartbeat', {}).catch(() => {}))

  handle('SetChargingProfile', (params) => {
    if (is16) {
      const { csChargingProfiles: profile } = params as Wire16
      told.push({
        purpose: profile.chargingProfilePurpose,
        transactionId: profile.transactionId?.toString() ?? null,
        limitA: profile.chargingSchedule.chargingSchedulePeriod[0].limit,
        validTo: profile.validTo ?? null,
        ...phasesOf(profile.chargingSchedule.chargingSchedulePeriod[0]),
      })
    } else {
      const { chargingProfile: profile } = params as Wire201
      told.push({
        purpose: profile.chargingProfilePurpose,
        transactionId: profile.transactionId ?? null,
        limitA: profile.chargingSchedule[0].chargingSchedulePeriod[0].limit,
        validTo: profile.validTo ?? null,
        ...phasesOf(profile.chargingSchedule[0].chargingSchedulePeriod[0]),
      })
    }
    return { status: 'Accepted' }
  })
  if (is16) {
    handle('GetConfiguration', () => ({
      configurationKey: [
        { key: 'ChargeProfileMaxStackLevel', readonly: true, value: '3' },
        { key: 'ChargingScheduleAllowedChargingRateUnit', readonly: true, value: 'Current' },
        { key: 'ChargingScheduleMaxPeriods', readonly: true, value: '6' },
        ...Object.entries(says).map(([key, value]) => ({ key, readonly: true, value })),
      ],
    }))
    handle('ChangeConfiguration', () => ({ status: 'Accepted' }))
  } else {
    handle('GetBaseReport', () => ({ status: 'NotSupported' }))
    handle('GetVariables', (params) => ({
      getVariableResult: (params as WireGet201).getVariableData.map((data) => {
        const attributeValue = says[data.variable.name]
        return attributeValue === undefined
          ? { ...data, attributeStatus: 'UnknownVariable' }
          : { ...data, attributeStatus: 'Accepted', attributeValue }
      }),
    }))
    handle('SetVariables', (params) => ({
      setVariableResult: (params as { setVariableData: object[] }).setVariableData.map((data) => {
        const { component, variable } = data as { component: object; variable: object }
        return { component, variable, attributeStatus: 'Accepted' }
      }),
    }))
  }
  await client.connect()

  const now = (): string => new Date().toISOString()
  const sampled = (amps: PerPhase) => [
    ...amps.map((value, k) => ({ measurand: 'Current.Import', phase: `L${k + 1}`, value })),
    { measurand: 'Power.Active.Import', value: total(amps) * 230 },
    { measurand: 'Energy.Active.Import.Register', value: Math.round(energyWh) },
  ]
  const values16 = (amps: PerPhase) =>
    sampled(amps).map((value) => ({ ...value, value: String(value.value) }))

  const event = (eventType: string, triggerReason: string, more: object) =>
    client.call('TransactionEvent', {
      eventType,
      triggerReason,
      timestamp: now(),
      seqNo: seqNo++,
      evse: { id: 1, connectorId: 1 },
      ...more,
    })

  const profile = (): ToldProfile | null =>
    told.findLast((one) => one.purpose === 'TxProfile' && one.transactionId === transactionId) ??
    null

  return {
    client,
    told,
    profile,
    limitA: () => profile()?.limitA ?? null,

    boot: async () => {
      const answer = (await client.call(
        'BootNotification',
        is16
          ? { chargePointVendor: 'Other', chargePointModel: 'Client' }
          : { reason: 'PowerUp', chargingStation: { vendorName: 'Other', model: 'Client' } },
      )) as { status: string }
      await client.call(
        'StatusNotification',
        is16
          ? { connectorId: 1, errorCode: 'NoError', status: 'Available' }
          : { timestamp: now(), connectorStatus: 'Available', evseId: 1, connectorId: 1 },
      )
      return answer.status
    },

    start: async (idToken) => {
      if (is16) {
        const { idTagInfo } = (await client.call('Authorize', { idTag: idToken })) as {
          idTagInfo: { status: string }
        }
        if (idTagInfo.status !== 'Accepted') return idTagInfo.status
        const answer = (await client.call('StartTransaction', {
          connectorId: 1,
          idTag: idToken,
          meterStart: Math.round(energyWh),
          timestamp: now(),
        })) as { transactionId: number; idTagInfo: { status: string } }
        transactionId = String(answer.transactionId)
        await client.call('StatusNotification', {
          connectorId: 1,
          errorCode: 'NoError',
          status: 'Charging',
        })
        return answer.idTagInfo.status
      }
      const token = { idToken, type: 'ISO14443' }
      const { idTokenInfo } = (await client.call('Authorize', { idToken: token })) as {
        idTokenInfo: { status: string }
      }
      if (idTokenInfo.status !== 'Accepted') return idTokenInfo.status
      transactionId = `tx-${identity}-${Date.now()}`
      seqNo = 0
      await client.call('StatusNotification', {
        timestamp: now(),
        connectorStatus: 'Occupied',
        evseId: 1,
        connectorId: 1,
      })
      await event('Started', 'Authorized', {
        transactionInfo: { transactionId, chargingState: 'Charging' },
        idToken: token,
      })
      return idTokenInfo.status
    },

    measure: async (given) => {
      const amps: PerPhase = typeof given === 'number' ? [given, given, given] : given
      const sinceMs = Date.now()
      energyWh += (drawn.watts * (sinceMs - drawn.sinceMs)) / 3_600_000
      drawn = { watts: total(amps) * 230, sinceMs }
      if (is16) {
        await client.call('MeterValues', {
          connectorId: 1,
          transactionId: Number(transactionId),
          meterValue: [{ timestamp: now(), sampledValue: values16(amps) }],
        })
        return
      }
      await event('Updated', 'MeterValuePeriodic', {
        transactionInfo: { transactionId, chargingState: 'Charging' },
        meterValue: [{ timestamp: now(), sampledValue: sampled(amps) }],
      })
    },

    stop: async () => {
      if (is16) {
        await client.call('StopTransaction', {
          transactionId: Number(transactionId),
          meterStop: Math.round(energyWh),
          timestamp: now(),
          reason: 'EVDisconnected',
        })
        await client.call('StatusNotification', {
          connectorId: 1,
          errorCode: 'NoError',
          status: 'Available',
        })
        return
      }
      await event('Ended', 'EVDeparted', {
        transactionInfo: { transactionId, stoppedReason: 'EVDisconnected' },
      })
      await client.call('StatusNotification', {
        timestamp: now(),
        connectorStatus: 'Available',
        evseId: 1,
        connectorId: 1,
      })
    },

    close: () => client.close({ force: true }).then(() => undefined),
  }
}
