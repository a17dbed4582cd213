import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { pass, startBench, until, type BenchOptions, type StationBench } from './sim-csms.ts'

let bench: StationBench
let running: StationBench | null = null
const start = async (options: BenchOptions = {}): Promise<StationBench> => {
  bench = await startBench('ocpp1.6', options)
  running = bench
  return bench
}
afterEach(async () => {
  await running?.stop()
  running = null
})

/** Plugs in and starts; the central system has given the transaction its id. */
const charge = async (): Promise<void> => {
  bench.plug()
  bench.present()
  await until(() => bench.port.transaction?.transactionId === '1')
  await until(() => bench.port.status === 'charging' && bench.port.currentA > 20)
}
const statuses = (): unknown[] =>
  bench.csms
    .of('StatusNotification')
    .filter(({ connectorId }) => connectorId === 1)
    .map(({ status }) => status)

interface Sampled {
  readonly measurand: string
  readonly phase?: string
  readonly value: string
  readonly unit: string
}
const samples = (payload: Record<string, unknown>): readonly Sampled[] =>
  (payload.meterValue as { sampledValue: Sampled[] }[])[0].sampledValue
const value = (payload: Record<string, unknown>, measurand: string, phase?: string): number =>
  Number(samples(payload).find((s) => s.measurand === measurand && s.phase === phase)!.value)

const txProfile = (limit: number, over: object = {}) => ({
  connectorId: 1,
  csChargingProfiles: {
    chargingProfileId: 2,
    transactionId: 1,
    stackLevel: 1,
    chargingProfilePurpose: 'TxProfile',
    chargingProfileKind: 'Absolute',
    chargingSchedule: {
      startSchedule: new Date(bench.clock.now() - 60_000).toISOString(),
      duration: 3600,
      chargingRateUnit: 'A',
      chargingSchedulePeriod: [{ startPeriod: 0, limit }],
    },
    ...over,
  },
})

describe('connection', () => {
  test('authenticates, boots, tells its status, beats at the interval that it was given', async () => {
    const { csms } = await start({
      evses: 2,
      answers: {
        BootNotification: () => ({
          status: 'Accepted',
          currentTime: new Date().toISOString(),
          interval: 15,
        }),
      },
    })
    await until(() => csms.of('BootNotification').length === 1)
    expect(csms.requests[0].url).toBe('/ocpp/CP%201')
    expect(csms.requests[0].headers['sec-websocket-protocol']).toBe('ocpp1.6')
    const credentials = Buffer.from('CP 1:secret').toString('base64')
    expect(csms.requests[0].headers.authorization).toBe(`Basic ${credentials}`)
    await until(() => csms.of('StatusNotification').length === 3)
    expect(csms.received[0].action).toBe('BootNotification')
    expect(csms.of('StatusNotification').map(({ connectorId }) => connectorId)).toEqual([0, 1, 2])
    await until(() => csms.of('Heartbeat').length === 2)
    expect(csms.violations).toEqual([])
  })

  test('says nothing but its boot until it is accepted', async () => {
    let boots = 0
    const { csms, ready } = await start({
      answers: {
        BootNotification: () => ({
          status: ++boots < 3 ? 'Pending' : 'Accepted',
          currentTime: new Date().toISOString(),
          interval: 5,
        }),
      },
    })
    await until(() => boots === 2)
    expect(csms.received.every(({ action }) => action === 'BootNotification')).toBe(true)
    await until(() => ready())
    await until(() => csms.of('StatusNotification').length === 2)
  })

  test('comes back by itself without a new boot', async () => {
    const { csms, ready } = await start()
    await until(() => csms.of('StatusNotification').length === 2)
    csms.cut()
    await until(() => !ready())
    await pass(10)
    csms.admit()
    await until(() => csms.of('StatusNotification').length === 4)
    expect(csms.of('BootNotification')).toHaveLength(1)
  })
})

test('a central system that has forgotten the station gets a new boot, and loses nothing', async () => {
  const { csms } = await start()
  await charge()
  let boots = 0
  csms.answers.MeterValues = () => (boots === 0 ? 'SecurityError' : {})
  csms.answers.BootNotification = () => {
    boots++
    return { status: 'Accepted', currentTime: new Date().toISOString(), interval: 60 }
  }
  await until(() => boots === 1)
  const refused = csms.received.findIndex(({ action }, i) => i > 0 && action === 'BootNotification')
  const before = csms.received.slice(0, refused).findLast(({ action }) => action === 'MeterValues')
  await until(() => csms.received.slice(refused).some(({ action }) => action === 'MeterValues'))
  const after = csms.received.slice(refused).find(({ action }) => action === 'MeterValues')
  expect(after?.payload).toEqual(before?.payload)
  expect(boots).toBe(1)
})

describe('a transaction', () => {
  test('from the card to the bill, under a profile, all messages valid', async () => {
    const { csms, port, station } = await start()
    await charge()
    expect(csms.of('Authorize')).toEqual([{ idTag: 'CARD' }])
    expect(csms.of('StartTransaction')[0]).toMatchObject({ connectorId: 1, idTag: 'CARD', meterStart: 5000 }) // prettier-ignore
    await until(() => csms.of('MeterValues').some((v) => value(v, 'Current.Import', 'L1') > 20))
    const full = csms.of('MeterValues').at(-1)!
    expect(full.transactionId).toBe(1)
    expect(value(full, 'Power.Active.Import')).toBeCloseTo(value(full, 'Current.Import', 'L3') * 690, -2) // prettier-ignore
    expect(value(full, 'Voltage', 'L2')).toBe(230)
    expect(value(full, 'Current.Offered')).toBe(32)

    expect(await csms.call('SetChargingProfile', txProfile(8))).toEqual({ status: 'Accepted' })
    await until(() => csms.of('MeterValues').some((v) => value(v, 'Current.Import', 'L1') === 8))
    expect(await csms.call('SetChargingProfile', txProfile(0))).toEqual({ status: 'Accepted' })
    await until(() => statuses().at(-1) === 'SuspendedEVSE')
    expect(await csms.call('SetChargingProfile', txProfile(16))).toEqual({ status: 'Accepted' })
    await until(() => statuses().at(-1) === 'Charging')

    expect(await csms.call('RemoteStopTransaction', { transactionId: 9 })).toEqual({ status: 'Rejected' }) // prettier-ignore
    expect(await csms.call('RemoteStopTransaction', { transactionId: 1 })).toEqual({ status: 'Accepted' }) // prettier-ignore
    await until(() => csms.of('StopTransaction').length === 1)
    const stop = csms.of('StopTransaction')[0]
    expect(stop).toMatchObject({ transactionId: 1, reason: 'Remote' })
    expect(stop.meterStop).toBe(Math.round(port.registerWh))
    expect(stop.meterStop).toBeGreaterThan(5000)
    station.unplug(port)
    await until(() => statuses().at(-1) === 'Available')
    expect(statuses().join(' ')).toBe(
      'Available Preparing Charging SuspendedEVSE Charging Finishing Available',
    )
    expect(csms.violations).toEqual([])
  })

  test('a card that is not accepted starts nothing', async () => {
    const { csms, port, plug, present } = await start({
      answers: { Authorize: () => ({ idTagInfo: { status: 'Blocked' } }) },
    })
    plug()
    present()
    await until(() => csms.of('Authorize').length === 1)
    await pass(5)
    expect(port.transaction).toBeNull()
  })

  test('a start that is refused afterwards is ended', async () => {
    const { csms, plug, present } = await start({
      answers: {
        StartTransaction: () => ({ transactionId: 4, idTagInfo: { status: 'Invalid' } }),
      },
    })
    plug()
    present()
    await until(() => csms.of('StopTransaction').length === 1)
    expect(csms.of('StopTransaction')[0]).toMatchObject({ transactionId: 4, reason: 'DeAuthorized' }) // prettier-ignore
  })

  test('goes on offline; what happened is told later, in order, with its true times', async () => {
    const { csms, clock, station, port, ready } = await start()
    await charge()
    csms.cut()
    await until(() => !ready())
    const cutMs = clock.now()
    const before = csms.received.length
    await pass(12)
    station.unplug(port)
    bench.plug()
    bench.present('OTHER')
    expect(port.transaction?.transactionId).toBeNull()
    await pass(8)
    const backMs = clock.now()
    csms.admit()
    await until(() => port.transaction?.transactionId === '2')
    await until(() => csms.of('MeterValues').some((v) => v.transactionId === 2))
    const replay = csms.received
      .slice(before)
      .filter(({ action }) => !['StatusNotification', 'Heartbeat'].includes(action))
    const actions = replay.map(({ action }) => action)
    expect(actions.slice(0, actions.lastIndexOf('StartTransaction') + 1).join(' ')).toMatch(
      /^(MeterValues )+StopTransaction StartTransaction$/,
    )
    const stop = csms.of('StopTransaction')[0]
    expect(stop.reason).toBe('EVDisconnected')
    const stopMs = Date.parse(stop.timestamp as string)
    expect(stopMs).toBeGreaterThan(cutMs + 8000)
    expect(stopMs).toBeLessThan(backMs)
    expect(csms.of('StartTransaction')[1].idTag).toBe('OTHER')
    expect(csms.violations).toEqual([])
  })

  test('a message that fails is repeated, then given up, and the next ones go on', async () => {
    let failures = 0
    const { csms } = await start({
      answers: {
        MeterValues: () => (++failures <= 3 ? 'InternalError' : {}),
      },
    })
    await charge()
    await until(() => csms.of('MeterValues').length >= 5)
    const values = csms.of('MeterValues').map((payload) => JSON.stringify(payload))
    expect(new Set(values.slice(0, 3)).size).toBe(1)
    expect(values[3]).not.toBe(values[0])
  })

  test('a remote start begins at once, or when the vehicle comes, with its profile', async () => {
    const { csms, port, plug } = await start()
    const { csChargingProfiles } = txProfile(9)
    const { transactionId: _, ...chargingProfile } = csChargingProfiles
    const request = { connectorId: 1, idTag: 'REMOTE', chargingProfile }
    expect(await csms.call('RemoteStartTransaction', request)).toEqual({ status: 'Accepted' })
    await pass(3)
    expect(csms.of('StartTransaction')).toEqual([])
    plug()
    await until(() => csms.of('StartTransaction').length === 1)
    await until(() => port.currentA === 9)
    expect(csms.of('StartTransaction')[0].idTag).toBe('REMOTE')
    expect(await csms.call('RemoteStartTransaction', request)).toEqual({ status: 'Rejected' })
  })

  test('DC tells its state of charge and what leaves the rectifier', async () => {
    const { csms, port } = await start({ current: 'DC' })
    bench.plug()
    bench.present()
    await until(() => port.currentA > 10)
    await until(() => csms.of('MeterValues').some((v) => value(v, 'Power.Active.Import') > 5000))
    const last = csms.of('MeterValues').at(-1)!
    expect(samples(last).map(({ measurand }) => measurand)).toEqual([
      'Energy.Active.Import.Register',
      'Power.Active.Import',
      'SoC',
    ])
    expect(value(last, 'SoC')).toBeGreaterThanOrEqual(10)
    expect(csms.of('StartTransaction')[0].meterStart).toBe(4750)
    expect(csms.violations).toEqual([])
  })
})

describe('answers', () => {
  let shared: StationBench
  beforeAll(async () => {
    shared = await startBench('ocpp1.6')
  })
  afterAll(() => shared.stop())

  test.each<[string, object, unknown]>([
    ['GetConfiguration', { key: ['chargeprofilemaxstacklevel', 'Nonsense'] }, { configurationKey: [{ key: 'ChargeProfileMaxStackLevel', readonly: true, value: '10' }], unknownKey: ['Nonsense'] }], // prettier-ignore
    ['ChangeConfiguration', { key: 'MeterValueSampleInterval', value: '30' }, { status: 'Accepted' }], // prettier-ignore
    ['ChangeConfiguration', { key: 'MeterValueSampleInterval', value: 'soon' }, { status: 'Rejected' }], // prettier-ignore
    ['ChangeConfiguration', { key: 'NumberOfConnectors', value: '5' }, { status: 'Rejected' }],
    ['ChangeConfiguration', { key: 'Nonsense', value: '5' }, { status: 'NotSupported' }],
    ['DataTransfer', { vendorId: 'x' }, { status: 'UnknownVendorId' }],
    ['ClearCache', {}, { status: 'Accepted' }],
    ['ClearChargingProfile', {}, { status: 'Unknown' }],
    ['UnlockConnector', { connectorId: 1 }, { status: 'Unlocked' }],
    ['UnlockConnector', { connectorId: 7 }, { status: 'NotSupported' }],
    ['GetLocalListVersion', {}, { listVersion: -1 }],
    ['SendLocalList', { listVersion: 1, updateType: 'Full' }, { status: 'NotSupported' }],
    ['RemoteStopTransaction', { transactionId: 1 }, { status: 'Rejected' }],
    ['ChangeAvailability', { connectorId: 5, type: 'Operative' }, { status: 'Rejected' }],
    ['TriggerMessage', { requestedMessage: 'FirmwareStatusNotification' }, { status: 'NotImplemented' }], // prettier-ignore
    ['TriggerMessage', { requestedMessage: 'MeterValues', connectorId: 7 }, { status: 'Rejected' }],
    ['ReserveNow', { connectorId: 1, expiryDate: '2026-01-01T00:00:00Z', idTag: 'a', reservationId: 1 }, ['NotSupported', expect.any(String)]], // prettier-ignore
    ['GetDiagnostics', { location: 'http://x/' }, ['NotSupported', expect.any(String)]],
    ['MakeCoffee', {}, ['NotImplemented', expect.any(String)]],
    ['UnlockConnector', {}, ['OccurenceConstraintViolation', expect.any(String)]],
    ['UnlockConnector', { connectorId: 'one' }, ['TypeConstraintViolation', expect.any(String)]],
    ['UnlockConnector', { connectorId: 1, more: 1 }, ['FormationViolation', expect.any(String)]],
    ['Reset', { type: 'Maybe' }, ['PropertyConstraintViolation', expect.any(String)]],
    ['GetCompositeSchedule', { connectorId: 9, duration: 60 }, { status: 'Rejected' }],
  ])('%s %j', async (action, payload, answer) => {
    expect(await shared.csms.call(action, payload)).toEqual(answer)
    expect(shared.csms.violations).toEqual([])
  })
})

describe('commands', () => {
  test('a trigger is followed by its message', async () => {
    const { csms } = await start({ evses: 2 })
    await until(() => csms.of('StatusNotification').length === 3)
    for (const requestedMessage of ['StatusNotification', 'Heartbeat', 'MeterValues']) {
      const answer = await csms.call('TriggerMessage', { requestedMessage, connectorId: 2 })
      expect(answer).toEqual({ status: 'Accepted' })
    }
    await until(() => csms.of('MeterValues').length === 1)
    expect(csms.of('StatusNotification').slice(3)).toMatchObject([{ connectorId: 2 }])
    expect(csms.of('Heartbeat')).toHaveLength(1)
    expect(csms.of('MeterValues')).toMatchObject([{ connectorId: 2 }])
    await csms.call('TriggerMessage', { requestedMessage: 'BootNotification' })
    await until(() => csms.of('BootNotification').length === 2)
    expect(csms.violations).toEqual([])
  })

  test('the composite schedule is that of the installed profiles', async () => {
    const { csms, port } = await start()
    await charge()
    await csms.call('SetChargingProfile', txProfile(8))
    const answer = await csms.call('GetCompositeSchedule', { connectorId: 1, duration: 600 })
    expect(answer).toMatchObject({
      status: 'Accepted',
      connectorId: 1,
      chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ limit: 8 }] },
    })
    expect(await csms.call('ClearChargingProfile', { id: 2 })).toEqual({ status: 'Accepted' })
    await until(() => port.currentA === 32)
    expect(csms.violations).toEqual([])
  })

  test('unavailable when free, scheduled while charging', async () => {
    const { csms, station, port } = await start()
    await charge()
    const off = { connectorId: 0, type: 'Inoperative' }
    expect(await csms.call('ChangeAvailability', off)).toEqual({ status: 'Scheduled' })
    station.unplug(port)
    await until(() => statuses().at(-1) === 'Unavailable')
    const on = { connectorId: 1, type: 'Operative' }
    expect(await csms.call('ChangeAvailability', on)).toEqual({ status: 'Accepted' })
    await until(() => statuses().at(-1) === 'Available')
  })

  test('clock-aligned values come at round times, from idle connectors too', async () => {
    const { csms } = await start()
    await csms.call('ChangeConfiguration', { key: 'ClockAlignedDataInterval', value: '20' })
    await until(() => csms.of('MeterValues').length >= 2)
    const [first] = csms.of('MeterValues')
    expect(samples(first)[0]).toMatchObject({ context: 'Sample.Clock' })
    const [{ timestamp }] = first.meterValue as { timestamp: string }[]
    expect((Date.parse(timestamp) / 1000) % 20).toBeLessThan(10)
    expect(csms.violations).toEqual([])
  })

  test('the values at the end of a transaction come with it when wanted', async () => {
    const { csms } = await start()
    const key = { key: 'StopTxnSampledData', value: 'Energy.Active.Import.Register' }
    expect(await csms.call('ChangeConfiguration', key)).toEqual({ status: 'Accepted' })
    await charge()
    await csms.call('UnlockConnector', { connectorId: 1 })
    await until(() => csms.of('StopTransaction').length === 1)
    expect(csms.of('StopTransaction')[0]).toMatchObject({
      reason: 'UnlockCommand',
      transactionData: [{ sampledValue: [{ context: 'Transaction.End' }] }],
    })
    expect(csms.violations).toEqual([])
  })

  test('a reset ends transactions, boots again, and profiles are still there', async () => {
    const { csms, station, port, plug, present } = await start()
    const { csChargingProfiles } = txProfile(8)
    const { transactionId: _, ...rest } = csChargingProfiles
    const csDefault = { ...rest, chargingProfilePurpose: 'TxDefaultProfile', stackLevel: 0 }
    await csms.call('SetChargingProfile', { connectorId: 0, csChargingProfiles: csDefault })
    plug()
    present()
    await until(() => port.currentA === 8)
    expect(await csms.call('Reset', { type: 'Hard' })).toEqual({ status: 'Accepted' })
    await until(() => csms.of('BootNotification').length === 2)
    await until(() => csms.of('StopTransaction').length === 1)
    expect(csms.of('StopTransaction')[0].reason).toBe('Reboot')
    expect(station.profiles).toHaveLength(1)
    present()
    await until(() => csms.of('StartTransaction').length === 2)
    await until(() => port.currentA === 8)
    expect(csms.violations).toEqual([])
  })
})

describe('models', () => {
  test('watts only, with the unit spelt its own way', async () => {
    const { csms } = await start({ model: 'watts-only' })
    const key = ['ChargingScheduleAllowedChargingRateUnit']
    expect(await csms.call('GetConfiguration', { key })).toMatchObject({
      configurationKey: [{ value: ' W ' }],
    })
    const composite = { connectorId: 1, duration: 60 }
    expect(await csms.call('GetCompositeSchedule', composite)).toMatchObject({
      chargingSchedule: { chargingRateUnit: 'W', chargingSchedulePeriod: [{ limit: 22_080 }] },
    })
    expect(await csms.call('GetCompositeSchedule', { ...composite, chargingRateUnit: 'A' }))
      .toEqual({ status: 'Rejected' }) // prettier-ignore
  })

  test('no more keys at once than it can', async () => {
    const { csms } = await start({ model: 'level-zero' })
    const answer = (await csms.call('GetConfiguration', {})) as { configurationKey: unknown[] }
    expect(answer.configurationKey).toHaveLength(4)
  })
})

describe('faults', () => {
  test('duplicatesStart: twice, the second answer counts', async () => {
    const { csms, port, plug, present } = await start({ faults: { duplicatesStart: true } })
    plug()
    present()
    await until(() => port.transaction?.transactionId === '2')
    const starts = csms.received.filter(({ action }) => action === 'StartTransaction')
    expect(starts[1].payload).toEqual(starts[0].payload)
    expect(starts[1].id).not.toBe(starts[0].id)
    await until(() => csms.of('MeterValues').some((v) => v.transactionId === 2))
  })

  test('energyInKwh', async () => {
    const { csms } = await start({ faults: { energyInKwh: true } })
    await charge()
    await until(() => csms.of('MeterValues').length > 0)
    const [energy] = samples(csms.of('MeterValues').at(-1)!)
    expect(energy.unit).toBe('Wh')
    expect(Number(energy.value)).toBeLessThan(6)
    expect(csms.of('StartTransaction')[0].meterStart).toBe(5)
  })

  test('clock', async () => {
    const { csms } = await start({ faults: { clock: 'epoch' } })
    await charge()
    expect(csms.of('StartTransaction')[0].timestamp).toMatch(/^1970-01-01T00:/)
  })

  test('reusesMessageIds', async () => {
    const { csms } = await start({ faults: { reusesMessageIds: true } })
    await charge()
    await until(() => csms.received.length > 8)
    expect(new Set(csms.received.map(({ id }) => id)).size).toBe(4)
  })

  test('silentOn and answerDelayMs', async () => {
    const { csms, clock } = await start({
      faults: { silentOn: ['GetConfiguration'], answerDelayMs: 4000 },
    })
    let answered = false
    void csms.call('GetConfiguration', {}).then(() => {
      answered = true
    })
    const sentMs = clock.now()
    expect(await csms.call('ClearCache', {})).toEqual({ status: 'Accepted' })
    expect(clock.now() - sentMs).toBeGreaterThan(3500)
    await pass(5)
    expect(answered).toBe(false)
  })

  test('omitsSubProtocol', async () => {
    const { csms } = await start({ faults: { omitsSubProtocol: true } })
    expect(csms.requests[0].headers['sec-websocket-protocol']).toBeUndefined()
  })

  test('neverPongs', async () => {
    for (const neverPongs of [true, false]) {
      const { csms, stop } = await start({ faults: { neverPongs } })
      let pongs = 0
      csms.socket().on('pong', () => pongs++)
      csms.socket().ping()
      await pass(4)
      expect(pongs).toBe(neverPongs ? 0 : 1)
      if (neverPongs) await stop()
    }
  })

  test('stuckStatus and strangeEnums', async () => {
    const { csms } = await start({ faults: { stuckStatus: 'Available', strangeEnums: true } })
    await charge()
    await until(() => csms.of('MeterValues').length > 0)
    expect(new Set(statuses())).toEqual(new Set(['Available']))
    expect(csms.violations.some((text) => text.includes('StatusNotification'))).toBe(true)
    expect(csms.violations.some((text) => text.includes('MeterValues'))).toBe(true)
  })

  test('disconnects', async () => {
    const { csms } = await start({ faults: { disconnects: { everyS: 10, forS: 2 } } })
    await until(() => csms.requests.length >= 3)
    expect(csms.of('BootNotification')).toHaveLength(1)
  })
})
