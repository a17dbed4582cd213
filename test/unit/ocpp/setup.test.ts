import { expect, test } from 'vitest'
import type { Protocol } from '../../../src/ocpp/dialect.ts'
import { createPrepare } from '../../../src/ocpp/setup.ts'
import { DEFAULT_SETUP } from '../../../src/ocpp/setup-settings.ts'
import { BOOT, settle, START_MS } from '../csms/harness.ts'
import { createEdge, type Answer, type Edge } from './edge.ts'

const ALL = DEFAULT_SETUP.measurands.join(',')

const station = async (protocol: Protocol, answer: Answer) => {
  const edge = await createEdge(protocol)
  edge.answerWith(answer)
  const { csms, gateway, options } = edge
  csms.setup.use(createPrepare({ csms, gateway, log: options.log, settings: DEFAULT_SETUP }))
  return edge
}

const done = async ({ csms, advance }: Edge) => {
  await advance(2)
  for (let turn = 0; turn < 50 && csms.setup.counts().running > 0; turn++) await settle()
  expect(csms.setup.counts()).toEqual({ running: 0, waiting: 0 })
}

const booted = async (protocol: Protocol, answer: Answer) => {
  const edge = await station(protocol, answer)
  edge.ready('CP1', protocol)
  await done(edge)
  return edge
}

type Keys = Record<string, string>

/** A 1.6 station with these keys; `takes` decides over changes. */
const keys =
  (given: Keys, takes: (key: string, value: string) => string = () => 'Accepted'): Answer =>
  (action, payload) => {
    const { key, value } = payload as { key: string | string[]; value: string }
    if (action === 'GetConfiguration') {
      const wanted = key === undefined ? Object.keys(given) : (key as string[])
      return {
        configurationKey: wanted
          .filter((name) => name in given)
          .map((name) => ({ key: name, readonly: false, value: given[name] })),
      }
    }
    if (action === 'ChangeConfiguration') return { status: takes(key as string, value) }
    return { status: 'Accepted' }
  }

const PLAIN: Keys = {
  ChargeProfileMaxStackLevel: '8',
  ChargingScheduleAllowedChargingRateUnit: 'Current,Power',
  MeterValuesSampledData: 'Energy.Active.Import.Register',
  MeterValueSampleInterval: '60',
  WebSocketPingInterval: '0',
}

const changes = ({ sent }: Edge) =>
  sent.flatMap(({ action, payload }) =>
    action === 'ChangeConfiguration' ? [[payload.key, payload.value]] : [],
  )

test('1.6: read, learned, configured', async () => {
  const edge = await booted('ocpp1.6', keys(PLAIN))
  expect(edge.csms.fleet.states()[0].capability).toMatchObject({
    maxStackLevel: 8,
    rateUnits: ['A', 'W'],
  })
  expect(changes(edge)).toEqual([
    ['MeterValuesSampledData', ALL],
    ['MeterValueSampleInterval', '10'],
    ['WebSocketPingInterval', '30'],
  ])
  const variables = await edge.csms.variables.list('CP1')
  expect(variables.find(({ variable }) => variable === 'MeterValuesSampledData')?.value).toBe(ALL)
})

test('1.6: what is as we want it is left alone', async () => {
  const edge = await booted(
    'ocpp1.6',
    keys({
      ...PLAIN,
      MeterValuesSampledData: ` "${ALL.replaceAll(',', ', ')}" `,
      MeterValueSampleInterval: '10',
      WebSocketPingInterval: '60',
    }),
  )
  expect(changes(edge)).toEqual([])
})

test('1.6: the same firmware is not asked twice, a new one is', async () => {
  const edge = await booted('ocpp1.6', keys(PLAIN))
  const before = edge.sent.length
  edge.csms.connections.boot('CP1', BOOT)
  await done(edge)
  expect(edge.sent).toHaveLength(before)
  edge.csms.connections.boot('CP1', { ...BOOT, firmware: '2.0' })
  await done(edge)
  expect(edge.sent.slice(before)[0].action).toBe('GetConfiguration')
})

test('1.6: a station that comes back without a boot is asked for its state, nothing else', async () => {
  const edge = await booted('ocpp1.6', keys(PLAIN))
  const before = edge.sent.length
  edge.connect('CP1')
  edge.csms.connections.allowed('CP1', 'Heartbeat')
  await done(edge)
  expect(edge.sent.slice(before)).toEqual([
    { action: 'TriggerMessage', payload: { requestedMessage: 'StatusNotification' } },
  ])
})

test('2.0.1: a station that comes back without a boot is asked for the state of each connector', async () => {
  const edge = await booted('ocpp2.0.1', (action) =>
    action === 'TriggerMessage'
      ? { status: 'Accepted' }
      : { ok: false, reason: 'timeout', detail: 'no answer' },
  )
  const state = { variable: 'AvailabilityState', attribute: 'Actual', value: null, readonly: true }
  await edge.csms.variables.store('CP1', [
    { ...state, component: 'Connector@2/1' },
    { ...state, component: 'Connector@2/2' },
    { ...state, component: 'Connector@2/2', variable: 'Available' },
  ])
  const before = edge.sent.length
  edge.connect('CP1', 'ocpp2.0.1')
  edge.csms.connections.allowed('CP1', 'Heartbeat')
  await done(edge)
  const triggers = edge.sent.slice(before).filter(({ action }) => action === 'TriggerMessage')
  expect(triggers.map(({ payload }) => payload)).toEqual([
    { requestedMessage: 'StatusNotification', evse: { id: 1, connectorId: 1 } },
    { requestedMessage: 'StatusNotification', evse: { id: 2, connectorId: 1 } },
    { requestedMessage: 'StatusNotification', evse: { id: 2, connectorId: 2 } },
  ])
})

test('1.6: measurands one by one where the list is refused', async () => {
  const known = new Set(['Energy.Active.Import.Register', 'Current.Import', 'Voltage'])
  const edge = await booted(
    'ocpp1.6',
    keys(PLAIN, (key, value) =>
      key !== 'MeterValuesSampledData' || value.split(',').every((each) => known.has(each))
        ? 'Accepted'
        : 'Rejected',
    ),
  )
  const lists = changes(edge).filter(([key]) => key === 'MeterValuesSampledData')
  expect(lists).toHaveLength(1 + DEFAULT_SETUP.measurands.length + 1)
  expect(lists.at(-1)?.[1]).toBe('Current.Import,Energy.Active.Import.Register,Voltage')
  // Once per firmware.
  const before = edge.sent.length
  edge.csms.connections.boot('CP1', BOOT)
  await done(edge)
  expect(edge.sent).toHaveLength(before)
})

test('1.6: a list that is too long in all is cut from its end', async () => {
  const edge = await booted(
    'ocpp1.6',
    keys(PLAIN, (key, value) =>
      key === 'MeterValuesSampledData' && value.split(',').length > 2 ? 'Rejected' : 'Accepted',
    ),
  )
  const lists = changes(edge).filter(([key]) => key === 'MeterValuesSampledData')
  expect(lists.at(-1)?.[1]).toBe('Current.Import,Power.Active.Import')
})

test('1.6: the bound that the station names is kept', async () => {
  const edge = await booted('ocpp1.6', keys({ ...PLAIN, MeterValuesSampledDataMaxLength: '3' }))
  expect(changes(edge)[0]).toEqual([
    'MeterValuesSampledData',
    'Current.Import,Power.Active.Import,Energy.Active.Import.Register',
  ])
})

test('1.6: a station that answers only for named keys is asked by a few', async () => {
  const all = keys(PLAIN)
  const edge = await booted('ocpp1.6', (action, payload) =>
    action === 'GetConfiguration' && !('key' in payload)
      ? { ok: false, reason: 'timeout', detail: 'no answer' }
      : all(action, payload),
  )
  expect(edge.csms.fleet.states()[0].capability.maxStackLevel).toBe(8)
  const asked = edge.sent.filter(({ action }) => action === 'GetConfiguration')
  expect(asked.slice(1).every(({ payload }) => (payload.key as string[]).length <= 4)).toBe(true)
})

test('1.6: a failed reading does not forget what was known', async () => {
  const edge = await booted('ocpp1.6', keys(PLAIN))
  edge.answerWith(() => ({ ok: false, reason: 'timeout', detail: 'no answer' }))
  edge.csms.connections.boot('CP1', { ...BOOT, firmware: '2.0' })
  await done(edge)
  expect(edge.csms.fleet.states()[0].capability.maxStackLevel).toBe(8)
  expect(edge.lines).toContainEqual(
    expect.objectContaining({
      message: 'a station did not tell what it can do: defaults apply until it does',
    }),
  )
  // It is asked again at the next boot.
  edge.answerWith(keys({ ...PLAIN, ChargeProfileMaxStackLevel: '3' }))
  edge.csms.connections.boot('CP1', { ...BOOT, firmware: '2.0' })
  await done(edge)
  expect(edge.csms.fleet.states()[0].capability.maxStackLevel).toBe(3)
})

test('1.6: a station that refuses to be read is told what to measure all the same', async () => {
  const refusing: Answer = (action) =>
    action === 'GetConfiguration'
      ? { ok: false, reason: 'call-error', code: 'NotImplemented', detail: '' }
      : { status: 'Accepted' }
  const edge = await booted('ocpp1.6', refusing)
  const told = [
    ['MeterValuesSampledData', ALL],
    ['MeterValueSampleInterval', '10'],
  ]
  expect(changes(edge)).toEqual(told)
  // It is asked again at the next boot, but not told again.
  edge.csms.connections.boot('CP1', BOOT)
  await done(edge)
  expect(changes(edge)).toEqual(told)
  edge.answerWith(keys(PLAIN))
  edge.csms.connections.boot('CP1', BOOT)
  await done(edge)
  expect(edge.csms.fleet.states()[0].capability.maxStackLevel).toBe(8)
})

/** Ends the line of CP1 when this key is set: nobody knows whether it was. */
const cutAt =
  ({ csms }: Edge, last: string, otherwise: Answer): Answer =>
  (action, payload) => {
    const { key } = payload as { key?: unknown }
    if (action !== 'ChangeConfiguration' || key !== last) return otherwise(action, payload)
    csms.connections.disconnected('CP1', csms.stations.get('CP1').generation ?? 0)
    return { ok: false, reason: 'timeout', detail: 'the line ended' }
  }

const SETTINGS = ['MeterValuesSampledData', 'MeterValueSampleInterval', 'WebSocketPingInterval']

test.each(SETTINGS)(
  '1.6: configuring that was cut short at %s begins anew at the next connection',
  async (last) => {
    const all = keys(PLAIN)
    const edge = await station('ocpp1.6', all)
    edge.answerWith(cutAt(edge, last, all))
    edge.ready('CP1')
    await done(edge)
    edge.answerWith(all)
    edge.sent.length = 0
    edge.ready('CP1')
    await done(edge)
    // What was taken before is known; the rest is said again, once.
    const expected = SETTINGS.slice(SETTINGS.indexOf(last))
    expect(changes(edge).map(([key]) => key)).toEqual(expected)
    edge.ready('CP1')
    await done(edge)
    expect(changes(edge)).toHaveLength(expected.length)
  },
)

test('1.6: a change that needs a reboot gets one, when nobody charges, once', async () => {
  const reboot = keys(PLAIN, (key) =>
    key === 'MeterValueSampleInterval' ? 'RebootRequired' : 'Accepted',
  )
  const edge = await booted('ocpp1.6', reboot)
  const resets = () => edge.sent.filter(({ action }) => action === 'Reset')
  expect(resets()).toEqual([{ action: 'Reset', payload: { type: 'Soft' } }])
  edge.csms.connections.boot('CP1', BOOT)
  await done(edge)
  expect(resets()).toHaveLength(1)

  const busy = await station('ocpp1.6', reboot)
  busy.connect('CP1')
  await busy.csms.transactions.start(busy.csms.stations.mustFind('CP1'), {
    connectorId: 1,
    idToken: 'TAG',
    startedAtMs: START_MS,
    meterStartWh: 0,
  })
  busy.csms.connections.boot('CP1', BOOT)
  await done(busy)
  const isReset = () => busy.sent.some(({ action }) => action === 'Reset')
  await busy.advance(20)
  expect(isReset()).toBe(false)
  expect(busy.csms.stations.get('CP1').rebootRequired).toBe(true)
  await busy.csms.transactions.close('CP1', '1', 'ann')
  await busy.advance(5)
  await done(busy)
  expect(isReset()).toBe(true)
})

test('1.6: no loop of resets', async () => {
  const reboot = keys(PLAIN, () => 'RebootRequired')
  const edge = await booted('ocpp1.6', reboot)
  const { csms } = edge
  // It is configured again after the reset, and asks for a reboot again.
  const record = csms.stations.mustFind('CP1')
  csms.stations.learn(record, { ...record.learned!, measurands: null })
  const old = { component: '', attribute: 'Actual', readonly: false }
  await csms.variables.store('CP1', [{ ...old, variable: 'MeterValueSampleInterval', value: '60' }])
  csms.connections.boot('CP1', BOOT)
  await done(edge)
  expect(edge.sent.filter(({ action }) => action === 'Reset')).toHaveLength(1)
  expect(edge.csms.stations.get('CP1').rebootRequired).toBe(true)
})

interface Named {
  readonly component: { readonly name: string }
  readonly variable: { readonly name: string }
}

test('2.0.1: inventory in parts, then the measurands that it offers', async () => {
  const edge = await station('ocpp2.0.1', () => ({ status: 'Accepted' }))
  const item = (component: string, variable: string, value: string, more: object = {}) => ({
    component: { name: component },
    variable: { name: variable },
    variableAttribute: [{ value }],
    variableCharacteristics: { dataType: 'string', supportsMonitoring: false, ...more },
  })
  edge.answerWith((action, payload) => {
    if (action === 'GetBaseReport') {
      const { requestId } = payload as { requestId: number }
      const part = (seqNo: number, tbc: boolean, reportData: object[]) =>
        edge.say('NotifyReport', {
          requestId,
          seqNo,
          tbc,
          generatedAt: '2026-11-22T08:00:00Z',
          reportData,
        })
      void part(0, true, [item('SmartChargingCtrlr', 'RateUnit', 'W')]).then(() =>
        part(2, false, [
          item('SampledDataCtrlr', 'TxUpdatedMeasurands', '', {
            valuesList: 'Energy.Active.Import.Register,Current.Import',
          }),
        ]),
      )
      return { status: 'Accepted' }
    }
    const { setVariableData } = payload as { setVariableData: Named[] }
    return {
      setVariableResult: setVariableData.map(({ component, variable }) => ({
        component,
        variable,
        attributeStatus: 'Accepted',
      })),
    }
  })
  edge.ready('CP1', 'ocpp2.0.1')
  await done(edge)
  expect(edge.csms.fleet.states()[0].capability.rateUnits).toEqual(['W'])
  const [, { payload }] = edge.sent
  expect(payload.setVariableData).toMatchObject([
    {
      variable: { name: 'TxUpdatedMeasurands' },
      attributeValue: 'Current.Import,Energy.Active.Import.Register',
    },
    { variable: { name: 'TxUpdatedInterval' }, attributeValue: '10' },
    { variable: { name: 'TxStartedMeasurands' } },
    { variable: { name: 'TxEndedMeasurands' } },
  ])
})

test('2.0.1: no more variables in a message than the station takes', async () => {
  const edge = await createEdge('ocpp2.0.1')
  edge.ready('CP1', 'ocpp2.0.1')
  await edge.csms.variables.store('CP1', [
    {
      component: 'DeviceDataCtrlr',
      variable: 'ItemsPerMessage.SetVariables',
      attribute: 'Actual',
      value: '2',
      readonly: true,
    },
  ])
  edge.answerWith((_, payload) => ({
    setVariableResult: (payload as { setVariableData: Named[] }).setVariableData.map(
      ({ component, variable }) => ({ component, variable, attributeStatus: 'Accepted' }),
    ),
  }))
  const change = (variable: string) => ({ component: 'SampledDataCtrlr', variable, value: '1' })
  const result = await edge.gateway.variables.write('CP1', ['A', 'B', 'C'].map(change))
  expect(result).toMatchObject({ ok: true, response: [{}, {}, {}] })
  expect(edge.sent).toHaveLength(2)
})

test('2.0.1: without an inventory it is asked by name; refused lists are cut', async () => {
  const edge = await booted('ocpp2.0.1', (action, payload) => {
    if (action === 'GetBaseReport') return { status: 'NotSupported' }
    if (action === 'GetVariables') {
      const { getVariableData } = payload as { getVariableData: Named[] }
      return {
        getVariableResult: getVariableData.map(({ component, variable }) =>
          variable.name === 'ProfileStackLevel'
            ? { component, variable, attributeStatus: 'Accepted', attributeValue: '5' }
            : { component, variable, attributeStatus: 'UnknownVariable' },
        ),
      }
    }
    const { setVariableData } = payload as {
      setVariableData: (Named & { attributeValue: string })[]
    }
    return {
      setVariableResult: setVariableData.map(({ component, variable, attributeValue }) => ({
        component,
        variable,
        attributeStatus: attributeValue.split(',').length > 3 ? 'Rejected' : 'Accepted',
      })),
    }
  })
  expect(edge.csms.fleet.states()[0].capability.maxStackLevel).toBe(5)
  const last = edge.sent.at(-1)?.payload.setVariableData as { attributeValue: string }[]
  expect(last[0].attributeValue.split(',')).toHaveLength(3)
})

test.each(['ocpp1.6', 'ocpp2.0.1'] as const)(
  '%s: a station that refuses everything is still ready',
  async (protocol) => {
    const edge = await booted(protocol, () => ({
      ok: false,
      reason: 'call-error',
      code: 'NotImplemented',
      detail: 'no',
    }))
    expect(edge.csms.fleet.states()[0].ready).toBe(true)
    expect(edge.csms.stations.get('CP1').capability).not.toBeNull()
  },
)
