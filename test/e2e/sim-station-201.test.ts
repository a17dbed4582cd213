import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { pass, startBench, until, type BenchOptions, type StationBench } from './sim-csms.ts'

let bench: StationBench
let running: StationBench | null = null
const start = async (options: BenchOptions = {}): Promise<StationBench> => {
  bench = await startBench('ocpp2.0.1', options)
  running = bench
  return bench
}
afterEach(async () => {
  await running?.stop()
  running = null
})

interface Event {
  readonly eventType: string
  readonly triggerReason: string
  readonly seqNo: number
  readonly offline?: boolean
  readonly timestamp: string
  readonly transactionInfo: Readonly<Record<string, unknown>>
  readonly idToken?: { readonly idToken: string }
  readonly meterValue?: readonly {
    readonly sampledValue: readonly {
      readonly measurand: string
      readonly phase?: string
      readonly value: number
      readonly context: string
    }[]
  }[]
}
const events = (): readonly Event[] => bench.csms.of('TransactionEvent') as unknown as Event[]
const value = (event: Event, measurand: string, phase?: string): number | undefined =>
  event.meterValue?.[0].sampledValue.find((s) => s.measurand === measurand && s.phase === phase)
    ?.value
const drawn = (event: Event): number | undefined => value(event, 'Current.Import', 'L1')

const charge = async (): Promise<string> => {
  bench.plug()
  bench.present()
  await until(() => bench.port.status === 'charging' && bench.port.currentA > 20)
  return bench.port.transaction!.transactionId!
}

const profile = (limit: number, over: object = {}) => ({
  id: 2,
  stackLevel: 1,
  chargingProfilePurpose: 'TxProfile',
  chargingProfileKind: 'Absolute',
  chargingSchedule: [
    {
      id: 1,
      startSchedule: new Date(bench.clock.now() - 60_000).toISOString(),
      duration: 3600,
      chargingRateUnit: 'A',
      chargingSchedulePeriod: [{ startPeriod: 0, limit, numberPhases: 3 }],
    },
  ],
  ...over,
})

test('connects, boots, tells what connectors do', async () => {
  const { csms } = await start({ evses: 2 })
  expect(csms.requests[0].headers['sec-websocket-protocol']).toBe('ocpp2.0.1')
  await until(() => csms.of('StatusNotification').length === 2)
  expect(csms.of('BootNotification')[0]).toMatchObject({ reason: 'PowerUp' })
  expect(csms.of('StatusNotification')).toMatchObject([
    { evseId: 1, connectorId: 1, connectorStatus: 'Available' },
    { evseId: 2, connectorId: 1, connectorStatus: 'Available' },
  ])
  expect(csms.violations).toEqual([])
})

describe('a transaction', () => {
  test('from the card to the end, under a profile, all messages valid and numbered', async () => {
    const { csms, station, port } = await start()
    const transactionId = await charge()
    expect(csms.of('Authorize')).toEqual([{ idToken: { idToken: 'CARD', type: 'ISO14443' } }])
    await until(() => events().some((event) => (drawn(event) ?? 0) > 20))
    expect(events()[0]).toMatchObject({
      eventType: 'Started',
      triggerReason: 'Authorized',
      seqNo: 0,
      idToken: { idToken: 'CARD' },
      transactionInfo: { transactionId, chargingState: 'EVConnected' },
      evse: { id: 1, connectorId: 1 },
    })
    expect(value(events()[0], 'Energy.Active.Import.Register')).toBe(5000)

    const set = (limit: number) =>
      csms.call('SetChargingProfile', {
        evseId: 1,
        chargingProfile: profile(limit, { transactionId }),
      })
    expect(await set(8)).toEqual({ status: 'Accepted' })
    await until(() => events().some((event) => drawn(event) === 8))
    await set(0)
    await until(() => events().at(-1)!.transactionInfo.chargingState === 'SuspendedEVSE')
    await set(16)
    await until(() => events().at(-1)!.transactionInfo.chargingState === 'Charging')

    const status = { transactionId }
    expect(await csms.call('GetTransactionStatus', status)).toMatchObject({ ongoingIndicator: true }) // prettier-ignore
    expect(await csms.call('RequestStopTransaction', status)).toEqual({ status: 'Accepted' })
    await until(() => events().at(-1)!.eventType === 'Ended')
    expect(events().at(-1)).toMatchObject({
      triggerReason: 'RemoteStop',
      transactionInfo: { transactionId, chargingState: 'EVConnected', stoppedReason: 'Remote' },
    })
    station.unplug(port)
    await until(() => csms.of('StatusNotification').length === 3)
    const statuses = csms.of('StatusNotification').map(({ connectorStatus }) => connectorStatus)
    expect(statuses).toEqual(['Available', 'Occupied', 'Available'])
    expect(events().map(({ seqNo }) => seqNo)).toEqual(events().map((_, index) => index))
    expect(csms.violations).toEqual([])
  })

  test('goes on offline; the events come later, marked, without a gap', async () => {
    const { csms, clock, station, port, ready } = await start()
    await charge()
    csms.cut()
    await until(() => !ready())
    const cutMs = clock.now()
    await pass(12)
    station.unplug(port)
    const backMs = clock.now()
    csms.admit()
    await until(() => events().at(-1)!.eventType === 'Ended')
    const seqNos = [...new Set(events().map(({ seqNo }) => seqNo))]
    expect(seqNos).toEqual(seqNos.map((_, index) => index))
    const marked = events().filter((event) => event.offline)
    expect(marked.length).toBeGreaterThanOrEqual(2)
    for (const event of marked) {
      expect(Date.parse(event.timestamp)).toBeGreaterThanOrEqual(cutMs - 1000)
      expect(Date.parse(event.timestamp)).toBeLessThanOrEqual(backMs)
    }
    expect(events().at(-1)).toMatchObject({
      offline: true,
      transactionInfo: { chargingState: 'Idle', stoppedReason: 'EVDisconnected' },
    })
    expect(csms.violations).toEqual([])
  })

  test('is ended when its card is refused after all', async () => {
    const { plug, present } = await start({
      answers: { TransactionEvent: () => ({ idTokenInfo: { status: 'Invalid' } }) },
    })
    plug()
    present()
    await until(() => events().some((event) => event.eventType === 'Ended'))
    expect(events().at(-1)).toMatchObject({
      triggerReason: 'Deauthorized',
      transactionInfo: { stoppedReason: 'DeAuthorized' },
    })
  })

  test('started from afar: names its start, has its profile at once', async () => {
    const { csms, port, plug } = await start()
    plug()
    const answer = await csms.call('RequestStartTransaction', {
      evseId: 1,
      remoteStartId: 77,
      idToken: { idToken: 'REMOTE', type: 'Central' },
      chargingProfile: profile(9),
    })
    expect(answer).toEqual({
      status: 'Accepted',
      transactionId: port.transaction!.transactionId,
    })
    await until(() => port.currentA === 9)
    expect(events()[0]).toMatchObject({
      triggerReason: 'RemoteStart',
      transactionInfo: { remoteStartId: 77 },
    })
    expect(csms.violations).toEqual([])
  })

  test('a repeated start is the same event', async () => {
    const { csms } = await start({ faults: { duplicatesStart: true, energyInKwh: true } })
    await charge()
    await until(() => events().length > 2)
    expect(events()[1]).toEqual(events()[0])
    expect(value(events()[0], 'Energy.Active.Import.Register')).toBe(5)
    expect(csms.violations).toEqual([])
  })
})

describe('charging profiles', () => {
  test('are reported as they were set', async () => {
    const { csms } = await start()
    const transactionId = await charge()
    const own = profile(8, { transactionId })
    const standing = profile(10, {
      id: 1,
      stackLevel: 0,
      chargingProfilePurpose: 'TxDefaultProfile',
      validTo: '2040-01-01T00:00:00.000Z',
    })
    await csms.call('SetChargingProfile', { evseId: 1, chargingProfile: own })
    await csms.call('SetChargingProfile', { evseId: 0, chargingProfile: standing })
    const ask = (chargingProfile: object, evseId?: number) =>
      csms.call('GetChargingProfiles', { requestId: 5, chargingProfile, evseId })
    expect(await ask({})).toEqual({ status: 'Accepted' })
    await until(() => csms.of('ReportChargingProfiles').length === 2)
    expect(csms.of('ReportChargingProfiles')).toEqual([
      { requestId: 5, chargingLimitSource: 'CSO', evseId: 1, tbc: true, chargingProfile: [own] },
      { requestId: 5, chargingLimitSource: 'CSO', evseId: 0, tbc: false, chargingProfile: [standing] }, // prettier-ignore
    ])
    expect(await ask({ chargingProfileId: [9] })).toEqual({ status: 'NoProfiles' })
    expect(await ask({ chargingLimitSource: ['EMS'] })).toEqual({ status: 'NoProfiles' })
    expect(await ask({ stackLevel: 1 }, 1)).toEqual({ status: 'Accepted' })
    await until(() => csms.of('ReportChargingProfiles').length === 3)
    expect(csms.violations).toEqual([])
  })

  test('rejection says why; the composite schedule what holds; clearing what went', async () => {
    const { csms } = await start()
    const transactionId = await charge()
    const set = (chargingProfile: object, evseId = 1) =>
      csms.call('SetChargingProfile', { evseId, chargingProfile })
    expect(await set(profile(8))).toMatchObject({
      status: 'Rejected',
      statusInfo: { additionalInfo: 'transactionId is missing' },
    })
    expect(await set(profile(8, { transactionId }))).toEqual({ status: 'Accepted' })
    const query = { evseId: 1, duration: 600, chargingRateUnit: 'W' }
    expect(await csms.call('GetCompositeSchedule', query)).toMatchObject({
      status: 'Accepted',
      schedule: { chargingRateUnit: 'W', chargingSchedulePeriod: [{ startPeriod: 0, limit: 5520 }] }, // prettier-ignore
    })
    expect(await csms.call('GetCompositeSchedule', { ...query, evseId: 4 })).toMatchObject({ status: 'Rejected' }) // prettier-ignore
    const criteria = (stackLevel: number) => ({
      chargingProfileCriteria: { chargingProfilePurpose: 'TxProfile', evseId: 1, stackLevel },
    })
    expect(await csms.call('ClearChargingProfile', criteria(5))).toEqual({ status: 'Unknown' })
    expect(await csms.call('ClearChargingProfile', criteria(1))).toEqual({ status: 'Accepted' })
    expect(csms.violations).toEqual([])
  })
})

describe('device model', () => {
  test('is reported in parts', async () => {
    const { csms } = await start({ evses: 2, model: 'amperes-only' })
    const full = { requestId: 3, reportBase: 'FullInventory' }
    expect(await csms.call('GetBaseReport', full)).toEqual({ status: 'Accepted' })
    await until(() => csms.of('NotifyReport').some(({ tbc }) => tbc === false))
    const parts = csms.of('NotifyReport')
    expect(parts.length).toBeGreaterThan(3)
    expect(parts.map(({ seqNo }) => seqNo)).toEqual(parts.map((_, index) => index))
    expect(parts.map(({ tbc }) => tbc)).toEqual(parts.map((_, i) => i < parts.length - 1))
    const rows = parts.flatMap(({ reportData }) => reportData as { component: { name: string }; variable: { name: string }; variableAttribute: { value: string; mutability: string }[] }[]) // prettier-ignore
    const find = (component: string, variable: string) =>
      rows.find((row) => row.component.name === component && row.variable.name === variable)!
        .variableAttribute[0]
    expect(find('SmartChargingCtrlr', 'RateUnit').value).toBe('A')
    expect(find('SmartChargingCtrlr', 'ProfileStackLevel').value).toBe('3')
    expect(find('EVSE', 'SupplyPhases').value).toBe('3')

    await csms.call('GetBaseReport', { requestId: 4, reportBase: 'ConfigurationInventory' })
    await until(() => csms.of('NotifyReport').some((r) => r.requestId === 4 && r.tbc === false))
    const settable = csms.of('NotifyReport').filter((part) => part.requestId === 4)
    expect(JSON.stringify(settable)).not.toContain('ReadOnly')
    expect(await csms.call('GetBaseReport', { requestId: 5, reportBase: 'SummaryInventory' }))
      .toEqual({ status: 'NotSupported' }) // prettier-ignore
    expect(csms.violations).toEqual([])
  })

  test('variables are read and set, each with its own status', async () => {
    const { csms } = await start()
    const at = (component: string, variable: string) => ({
      component: { name: component },
      variable: { name: variable },
    })
    const set = await csms.call('SetVariables', {
      setVariableData: [
        { ...at('SampledDataCtrlr', 'TxUpdatedInterval'), attributeValue: '7' },
        { ...at('SampledDataCtrlr', 'TxUpdatedInterval'), attributeValue: 'often' },
        { ...at('ChargingStation', 'Model'), attributeValue: 'x' },
        { ...at('Nonsense', 'x'), attributeValue: 'x' },
        { ...at('TxCtrlr', 'x'), attributeValue: 'x' },
      ],
    })
    expect((set as { setVariableResult: { attributeStatus: string }[] }).setVariableResult.map((r) => r.attributeStatus)) // prettier-ignore
      .toEqual(['Accepted', 'Rejected', 'Rejected', 'UnknownComponent', 'UnknownVariable'])
    const get = await csms.call('GetVariables', {
      getVariableData: [
        at('sampleddatactrlr', 'txupdatedinterval'),
        { ...at('TxCtrlr', 'EVConnectionTimeOut'), attributeType: 'Target' },
      ],
    })
    expect((get as { getVariableResult: unknown[] }).getVariableResult).toMatchObject([
      { attributeStatus: 'Accepted', attributeValue: '7' },
      { attributeStatus: 'NotSupportedAttributeType' },
    ])
    await charge()
    await until(() => events().filter((e) => e.triggerReason === 'MeterValuePeriodic').length > 1)
    const [a, b] = events().filter((event) => event.triggerReason === 'MeterValuePeriodic')
    const apartS = (Date.parse(b.timestamp) - Date.parse(a.timestamp)) / 1000
    expect(apartS).toBeGreaterThan(5.5)
    expect(csms.violations).toEqual([])
  })
})

describe('answers', () => {
  const token = { idToken: 'A', type: 'Central' }
  let shared: StationBench
  beforeAll(async () => {
    shared = await startBench('ocpp2.0.1')
  })
  afterAll(() => shared.stop())

  test.each<[string, object, unknown]>([
    ['DataTransfer', { vendorId: 'x' }, { status: 'UnknownVendorId' }],
    ['ClearCache', {}, { status: 'Accepted' }],
    ['GetLocalListVersion', {}, { versionNumber: 0 }],
    ['GetTransactionStatus', {}, { messagesInQueue: false }],
    ['GetTransactionStatus', { transactionId: 'x' }, { messagesInQueue: false, ongoingIndicator: false }], // prettier-ignore
    ['UnlockConnector', { evseId: 1, connectorId: 1 }, { status: 'Unlocked' }],
    ['UnlockConnector', { evseId: 1, connectorId: 2 }, { status: 'UnknownConnector' }],
    ['RequestStopTransaction', { transactionId: 'x' }, { status: 'Rejected', statusInfo: expect.anything() }], // prettier-ignore
    ['RequestStartTransaction', { evseId: 9, remoteStartId: 1, idToken: token }, { status: 'Rejected', statusInfo: expect.anything() }], // prettier-ignore
    ['ChangeAvailability', { operationalStatus: 'Operative' }, { status: 'Accepted' }],
    ['ChangeAvailability', { evse: { id: 4 }, operationalStatus: 'Operative' }, { status: 'Rejected', statusInfo: expect.anything() }], // prettier-ignore
    ['Reset', { type: 'Immediate', evseId: 1 }, { status: 'Rejected', statusInfo: expect.anything() }], // prettier-ignore
    ['TriggerMessage', { requestedMessage: 'BootNotification' }, { status: 'Rejected', statusInfo: expect.anything() }], // prettier-ignore
    ['TriggerMessage', { requestedMessage: 'TransactionEvent' }, { status: 'Rejected', statusInfo: expect.anything() }], // prettier-ignore
    ['TriggerMessage', { requestedMessage: 'LogStatusNotification' }, { status: 'NotImplemented' }],
    ['SendLocalList', { versionNumber: 1, updateType: 'Full' }, ['NotSupported', expect.any(String)]], // prettier-ignore
    ['GetReport', { requestId: 1 }, ['NotSupported', expect.any(String)]],
    ['MakeCoffee', {}, ['NotImplemented', expect.any(String)]],
    ['UnlockConnector', { evseId: 1 }, ['OccurrenceConstraintViolation', expect.any(String)]],
    ['UnlockConnector', { evseId: '1', connectorId: 1 }, ['TypeConstraintViolation', expect.any(String)]], // prettier-ignore
    ['ClearCache', { more: 1 }, ['FormatViolation', expect.any(String)]],
    ['Reset', { type: 'Maybe' }, ['PropertyConstraintViolation', expect.any(String)]],
  ])('%s %j', async (action, payload, answer) => {
    expect(await shared.csms.call(action, payload)).toEqual(answer)
    expect(shared.csms.violations).toEqual([])
  })
})

describe('other commands', () => {
  test('triggers', async () => {
    const { csms } = await start({ evses: 2 })
    await until(() => csms.of('StatusNotification').length === 2)
    await charge()
    const trigger = (requestedMessage: string, id?: number, connectorId?: number) =>
      csms.call('TriggerMessage', { requestedMessage, ...(id && { evse: { id, connectorId } }) })
    expect(await trigger('Heartbeat')).toEqual({ status: 'Accepted' })
    expect(await trigger('StatusNotification', 2, 1)).toEqual({ status: 'Accepted' })
    expect(await trigger('StatusNotification', 2)).toMatchObject({ status: 'Rejected' })
    expect(await trigger('StatusNotification')).toMatchObject({ status: 'Rejected' })
    expect(await trigger('MeterValues', 2)).toEqual({ status: 'Accepted' })
    expect(await trigger('TransactionEvent')).toEqual({ status: 'Accepted' })
    await until(() => events().some((event) => event.triggerReason === 'Trigger'))
    await until(() => csms.of('MeterValues').length === 1)
    expect(csms.of('MeterValues')[0]).toMatchObject({ evseId: 2 })
    expect(csms.of('StatusNotification').at(-1)).toMatchObject({ evseId: 2 })
    expect(csms.of('Heartbeat')).toHaveLength(1)
    const unlock = { evseId: 1, connectorId: 1 }
    expect(await csms.call('UnlockConnector', unlock)).toEqual({ status: 'OngoingAuthorizedTransaction' }) // prettier-ignore
    expect(csms.violations).toEqual([])
  })

  test('a reset waits for the transaction when it shall, and boots again', async () => {
    const { csms, station, port } = await start()
    const transactionId = await charge()
    const standing = { stackLevel: 0, chargingProfilePurpose: 'TxDefaultProfile' }
    await csms.call('SetChargingProfile', { evseId: 1, chargingProfile: profile(8, standing) })
    expect(await csms.call('Reset', { type: 'OnIdle' })).toEqual({ status: 'Scheduled' })
    await pass(5)
    expect(csms.of('BootNotification')).toHaveLength(1)
    await csms.call('RequestStopTransaction', { transactionId })
    await until(() => csms.of('BootNotification').length === 2)
    expect(csms.of('BootNotification')[1]).toMatchObject({ reason: 'RemoteReset' })
    expect(station.profiles).toHaveLength(1)
    await until(() => csms.connected() && bench.ready())

    bench.present()
    await until(() => port.transaction !== null)
    expect(await csms.call('Reset', { type: 'Immediate' })).toEqual({ status: 'Accepted' })
    await until(() => csms.of('BootNotification').length === 3)
    await until(() => events().at(-1)!.eventType === 'Ended')
    expect(events().at(-1)).toMatchObject({
      triggerReason: 'ResetCommand',
      offline: true,
      transactionInfo: { stoppedReason: 'Reboot' },
    })
    expect(csms.violations).toEqual([])
  })

  test('strange enumerations and a stuck status', async () => {
    const { csms } = await start({ faults: { strangeEnums: true } })
    await charge()
    await until(() => csms.violations.some((text) => text.includes('TransactionEvent')))
    await until(() => csms.violations.some((text) => text.includes('StatusNotification')))
  })
})
