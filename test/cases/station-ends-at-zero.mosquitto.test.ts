import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectAsync, type MqttClient } from 'mqtt'
import { RPCClient } from 'ocpp-rpc'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, expect, test } from 'vitest'
import { eventually, startProgram, type RunningProgram } from '../e2e/program.ts'
import { freePort } from '../fixtures/free-port.ts'
import { createMosquitto, type Mosquitto } from '../fixtures/mosquitto.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'

/** A station that ends its transaction at 0 A, on a feeder that the house takes for a minute. */
const CASE = join(import.meta.dirname, '../fixtures/cases/station-ends-at-zero')
const folder = temporaryFolder()

interface Timeline {
  readonly cars: readonly {
    readonly station: string
    readonly maxA: number
    readonly delayS: number
    readonly atZero: { readonly afterS: number }
  }[]
  readonly meter: { readonly topic: string; readonly everyS: number }
  readonly house: readonly { readonly fromS: number; readonly a: number }[]
}
const timeline = JSON.parse(readFileSync(join(CASE, 'timeline.json'), 'utf8')) as Timeline

interface Period {
  readonly limit: number
}
interface Profile16 {
  readonly chargingProfilePurpose: string
  readonly chargingSchedule: { readonly chargingSchedulePeriod: readonly Period[] }
}

const limitOf = ({ chargingSchedule }: Profile16): number =>
  chargingSchedule.chargingSchedulePeriod[0].limit

/** The station of the case: what it does at 0 A and at a remote start is all its own. */
const createStation = async (endpoint: string) => {
  const [car] = timeline.cars
  const client = new RPCClient({
    endpoint,
    identity: car.station,
    protocols: ['ocpp1.6'],
    strictMode: true,
    reconnect: false,
  } as unknown as ConstructorParameters<typeof RPCClient>[0])
  let defaultA = 32
  let txA: number | null = null
  let transactionId: number | null = null
  let energyWh = 5_000
  let drawA = 0
  let zeroSinceMs: number | null = null
  const pending: { atMs: number; amps: number }[] = []
  const remoteStarts: string[] = []
  const now = (): string => new Date().toISOString()
  const status = (text: string): Promise<unknown> =>
    client.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: text })

  const start = async (idTag: string): Promise<void> => {
    await status('Preparing')
    const meterStart = energyWh
    const answer = (await client.call('StartTransaction', {
      connectorId: 1,
      idTag,
      meterStart,
      timestamp: now(),
    })) as { transactionId: number }
    ;({ transactionId } = answer)
    zeroSinceMs = null
    await status('Charging')
  }

  const handle = (action: string, answer: (params: unknown) => object): void =>
    client.handle(action, (({ params }: { params: unknown }) => answer(params)) as never)
  handle('GetConfiguration', () => ({ configurationKey: [] }))
  handle('ChangeConfiguration', () => ({ status: 'Accepted' }))
  handle('TriggerMessage', () => ({ status: 'Accepted' }))
  handle('ClearChargingProfile', () => ({ status: 'Accepted' }))
  handle('GetCompositeSchedule', () => ({ status: 'Rejected' }))
  handle('SetChargingProfile', (params) => {
    const { csChargingProfiles } = params as { csChargingProfiles: Profile16 }
    if (csChargingProfiles.chargingProfilePurpose === 'TxProfile') {
      if (transactionId === null) return { status: 'Rejected' }
      txA = limitOf(csChargingProfiles)
    } else defaultA = limitOf(csChargingProfiles)
    return { status: 'Accepted' }
  })
  handle('RemoteStartTransaction', (params) => {
    const { idTag, chargingProfile } = params as { idTag: string; chargingProfile?: Profile16 }
    remoteStarts.push(idTag)
    txA = chargingProfile ? limitOf(chargingProfile) : null
    setTimeout(() => void start(idTag), 300)
    return { status: 'Accepted' }
  })
  await client.connect()
  await client.call('BootNotification', { chargePointVendor: 'Zero', chargePointModel: 'Ends' })
  await status('Available')

  const end = async (): Promise<void> => {
    const stopped = transactionId
    transactionId = null
    txA = null
    drawA = 0
    await client.call('StopTransaction', {
      transactionId: stopped,
      meterStop: energyWh,
      timestamp: now(),
      reason: 'Other',
    })
    await status('Finishing')
  }

  const move = setInterval(() => {
    const nowMs = Date.now()
    const limitA = txA ?? defaultA
    const offered = transactionId === null || limitA < 6 ? 0 : Math.min(limitA, car.maxA)
    if (pending.at(-1)?.amps !== offered) pending.push({ atMs: nowMs, amps: offered })
    while (pending.length > 1 && nowMs - pending[1].atMs >= car.delayS * 1_000) pending.shift()
    if (nowMs - pending[0].atMs >= car.delayS * 1_000) drawA = pending[0].amps
    if (transactionId === null || limitA >= 6) zeroSinceMs = null
    else {
      zeroSinceMs ??= nowMs
      if (nowMs - zeroSinceMs >= car.atZero.afterS * 1_000) void end()
    }
  }, 100)
  const report = setInterval(() => {
    energyWh += Math.round((drawA * 690 * 2) / 3_600)
    if (transactionId === null) return
    const sampledValue = [
      ...['L1', 'L2', 'L3'].map((phase) => ({
        measurand: 'Current.Import',
        phase,
        unit: 'A',
        value: drawA.toFixed(1),
      })),
      { measurand: 'Energy.Active.Import.Register', unit: 'Wh', value: String(energyWh) },
    ]
    const meterValue = [{ timestamp: now(), sampledValue }]
    void client.call('MeterValues', { connectorId: 1, transactionId, meterValue }).catch(() => {})
  }, 2_000)

  return {
    plugIn: (idTag: string) => start(idTag),
    drawA: () => drawA,
    remoteStarts,
    close: async () => {
      clearInterval(move)
      clearInterval(report)
      await client.close()
    },
  }
}

const running: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of running.splice(0).reverse()) await stop()
})

const setUp = async (more = '') => {
  const broker: Mosquitto = await createMosquitto()
  await broker.start()
  running.push(() => broker.stop())
  const [ocppPort, apiPort] = [await freePort(), await freePort()]
  const database = join(folder, `zero${running.length}-${ocppPort}.sqlite`)
  const config = readFileSync(join(CASE, 'site.yaml'), 'utf8')
    .replace('mqtt://127.0.0.1:1883', `mqtt://127.0.0.1:${broker.port}`)
    .replace('port: 9000', `port: ${ocppPort}`)
    .replace('port: 8080', `port: ${apiPort}`)
    .replace('./zero.sqlite', database)
    .replace('minOffS: 20', `minOffS: 20${more}`)
  const house: MqttClient = await connectAsync(`mqtt://127.0.0.1:${broker.port}`)
  running.push(() => house.endAsync())
  const program: RunningProgram = await startProgram(folder, config, [ocppPort, apiPort])
  running.push(() => program.kill('SIGKILL'))
  const station = await createStation(`ws://127.0.0.1:${ocppPort}/ocpp`)
  running.push(() => station.close())
  let houseA = timeline.house[0].a
  const { topic, everyS } = timeline.meter
  const meter = setInterval(() => {
    const a = houseA + station.drawA()
    house.publish(topic, JSON.stringify({ a: [a, a, a] }))
  }, everyS * 1_000)
  running.push(() => Promise.resolve(clearInterval(meter)))
  return { station, database, program, house: (step: number) => (houseA = timeline.house[step].a) }
}

const rows = (database: string, sql: string): Record<string, unknown>[] => {
  const db = new DatabaseSync(database, { readOnly: true })
  try {
    return db.prepare(sql).all()
  } finally {
    db.close()
  }
}

test('a transaction that the station ended at 0 A is started again, in the same session', async () => {
  const { station, database, house } = await setUp()
  await station.plugIn('CARD-1')
  await eventually('it charges', () => station.drawA() >= 12, 40_000)
  house(1)
  await eventually('it is paused', () => station.drawA() === 0, 40_000)
  await new Promise((wait) => setTimeout(wait, 5_000))
  expect(station.remoteStarts).toEqual([])
  house(2)
  await eventually('it charges again', () => station.drawA() >= 12, 60_000)
  expect(station.remoteStarts).toEqual(['CARD-1'])
  const transactions = rows(
    database,
    `select sessionId, stopReason from "transaction" order by startedAtMs`,
  )
  expect(transactions).toMatchObject([{ stopReason: 'Other' }, { stopReason: null }])
  expect(transactions[0].sessionId).toBe(transactions[1].sessionId)
  await eventually(
    'the model is remembered',
    () => rows(database, `select subject from trait where kind = 'ends-at-zero'`).length === 1,
  )
}, 180_000)

test('where remote starts are not wanted, a person is asked to start it', async () => {
  const { station, house, program } = await setUp(', remoteStart: false')
  await station.plugIn('CARD-1')
  await eventually('it charges', () => station.drawA() >= 12, 40_000)
  house(1)
  await eventually('it is paused', () => station.drawA() === 0, 40_000)
  house(2)
  await eventually('a notice', () => program.output().includes('start-by-hand'))
  expect(station.remoteStarts).toEqual([])
}, 120_000)
