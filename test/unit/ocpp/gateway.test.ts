import { expect, test } from 'vitest'
import { DEFAULT_CAPABILITY } from '../../../src/domain/evse-state.ts'
import type { Protocol } from '../../../src/ocpp/dialect.ts'
import { BOOT, evse, settle, site } from '../csms/harness.ts'
import { createEdge, type Edge } from './edge.ts'
import { FAILSAFE, TX } from './profiles.ts'

const PROTOCOLS = ['ocpp1.6', 'ocpp2.0.1'] as const

const ready = async (protocol: Protocol = 'ocpp1.6') => {
  const edge = await createEdge(protocol)
  edge.ready('CP1', protocol)
  return edge
}

const learn = (edge: Edge, given: object = {}) =>
  edge.csms.stations.learn(edge.csms.stations.mustFind('CP1'), {
    firmware: 'x',
    profile: { ...DEFAULT_CAPABILITY, ...given },
    measurands: '',
    tried: [],
    resetSent: false,
  })

const profileOf = (sent: Edge['sent'][number]) => {
  const { csChargingProfiles, chargingProfile } = sent.payload
  const profile = (csChargingProfiles ?? chargingProfile) as {
    stackLevel: number
    chargingSchedule: object
  }
  const schedule = [profile.chargingSchedule].flat()[0] as {
    startSchedule: string
    chargingRateUnit: string
    chargingSchedulePeriod: { limit: number }[]
  }
  return {
    level: profile.stackLevel,
    unit: schedule.chargingRateUnit,
    limits: schedule.chargingSchedulePeriod.map(({ limit }) => limit),
    start: schedule.startSchedule,
  }
}

test.each(PROTOCOLS)('%s: a profile is brought within what the station takes', async (protocol) => {
  const edge = await ready(protocol)
  expect(await edge.gateway.setChargingProfile('CP1', 1, TX)).toMatchObject({ ok: true })
  expect(edge.sent.map(profileOf)).toEqual([
    { level: 0, unit: 'A', limits: [16, 6], start: '2026-11-22T07:59:00.000Z' },
  ])
})

test.each(PROTOCOLS)('%s: a station that takes watts gets watts', async (protocol) => {
  const edge = await ready(protocol)
  learn(edge, { rateUnits: ['W'], maxStackLevel: 8 })
  await edge.gateway.setChargingProfile('CP1', 1, TX)
  expect(edge.sent.map(profileOf)).toMatchObject([{ level: 1, unit: 'W', limits: [11_661, 4_140] }])
})

test('times follow the clock of the station', async () => {
  const edge = await ready()
  edge.csms.stations.mustFind('CP1').clock.settledMs = 120_000
  await edge.gateway.setChargingProfile('CP1', 1, TX)
  expect(profileOf(edge.sent[0]).start).toBe('2026-11-22T08:01:00.000Z')
})

test.each(PROTOCOLS)('%s: a refused profile is said in other ways, once', async (protocol) => {
  const edge = await ready(protocol)
  learn(edge, { maxStackLevel: 8 })
  edge.answerWith(() => ({ status: 'Rejected' }))
  expect(await edge.gateway.setChargingProfile('CP1', 1, TX)).toMatchObject({ reason: 'rejected' })
  expect(edge.sent.map(profileOf).map(({ level, unit }) => [level, unit])).toEqual([
    [1, 'A'],
    [0, 'A'],
    [1, 'W'],
  ])
  await edge.gateway.setChargingProfile('CP1', 1, TX)
  expect(edge.sent).toHaveLength(4)
})

test.each([
  ['PropertyConstraintViolation', 3],
  ['InternalError', 3],
  ['NotSupported', 1],
  ['NotImplemented', 1],
])('a profile that is refused with %s is sent %i times', async (code, times) => {
  const edge = await ready()
  learn(edge, { maxStackLevel: 8 })
  edge.answerWith(() => ({ ok: false, reason: 'call-error', code, detail: 'no' }))
  expect(await edge.gateway.setChargingProfile('CP1', 1, TX)).toMatchObject({
    reason: 'call-error',
  })
  expect(edge.sent).toHaveLength(times)
})

test('what helped is learned', async () => {
  const edge = await ready()
  learn(edge, { maxStackLevel: 8 })
  edge.answerWith((_, payload) => {
    const { csChargingProfiles: profile } = payload as {
      csChargingProfiles: { stackLevel: number }
    }
    return { status: profile.stackLevel === 0 ? 'Accepted' : 'Rejected' }
  })
  expect(await edge.gateway.setChargingProfile('CP1', 1, TX)).toMatchObject({ ok: true })
  expect(edge.csms.stations.get('CP1').capability?.maxStackLevel).toBe(0)
  edge.sent.length = 0
  await edge.gateway.setChargingProfile('CP1', 1, TX)
  expect(edge.sent).toHaveLength(1)
  await settle()
  expect(edge.storage.rows('station')).toMatchObject([
    { capability: { tried: ['stack-level-0'], profile: { maxStackLevel: 0 } } },
  ])
})

test('an unknown outcome is not tried again in other words', async () => {
  const edge = await ready()
  learn(edge, { maxStackLevel: 8 })
  edge.answerWith(() => ({ ok: false, reason: 'timeout', detail: 'no answer' }))
  expect(await edge.gateway.setChargingProfile('CP1', 1, TX)).toMatchObject({ reason: 'timeout' })
  expect(edge.sent).toHaveLength(1)
})

test('other words are given up when an outcome is unknown', async () => {
  const edge = await ready()
  learn(edge, { maxStackLevel: 8 })
  edge.answerWith(() =>
    edge.sent.length === 1
      ? { status: 'Rejected' }
      : { ok: false, reason: 'timeout', detail: 'no answer' },
  )
  expect(await edge.gateway.setChargingProfile('CP1', 1, TX)).toMatchObject({ reason: 'timeout' })
  expect(edge.sent).toHaveLength(2)
})

test('an accepted transaction profile is remembered until the transaction ends', async () => {
  const edge = await ready()
  const evse = edge.csms.evses.all()[0]
  await edge.gateway.setChargingProfile('CP1', 1, FAILSAFE)
  expect(evse.installed).toBeNull()
  await edge.gateway.setChargingProfile('CP1', 1, TX)
  expect(evse.installed?.id).toBe(TX.id)
})

test('a profile that cannot be is not sent', async () => {
  const edge = await ready()
  const empty = { ...TX, schedule: { ...TX.schedule, periods: [] } }
  expect(await edge.gateway.setChargingProfile('CP1', 1, empty)).toMatchObject({
    reason: 'invalid',
  })
  expect(edge.sent).toEqual([])
})

test.each([
  ['offline', 'offline', 'offline'],
  ['waiting', 'not-accepted', 'not-accepted'],
  ['pending', 'ok', 'not-accepted'],
  ['rejected', 'not-accepted', 'not-accepted'],
  ['accepted', 'ok', 'ok'],
] as const)('a station that is %s', async (boot, reset, start) => {
  const edge = await createEdge('ocpp1.6')
  if (boot !== 'offline') edge.connect('CP1')
  if (boot === 'pending' || boot === 'rejected') {
    await edge.csms.stations.holdBoot('CP1', boot, 'ann')
  }
  if (boot !== 'offline' && boot !== 'waiting') edge.csms.connections.boot('CP1', BOOT)
  const outcome = async (result: ReturnType<Edge['gateway']['reset']>) => {
    const given = await result
    return given.ok ? 'ok' : given.reason
  }
  expect(edge.gateway.online('CP1')).toBe(boot === 'accepted')
  expect(await outcome(edge.gateway.reset('CP1', 'on-idle'))).toBe(reset)
  expect(await outcome(edge.gateway.remoteStart('CP1', 1, 'TAG', null))).toBe(start)
  expect(await outcome(edge.gateway.call('CP1', 'ClearCache', {}))).toBe(reset)
})

test('an unknown station is offline', async () => {
  const edge = await createEdge('ocpp1.6')
  expect(await edge.gateway.unlock('NOBODY', 1, 1)).toMatchObject({ reason: 'offline' })
})

test('a remote start lets its token in', async () => {
  const edge = await createEdge('ocpp1.6', {
    authorization: { unknownTokens: 'reject', concurrentTransactions: 'refuse' },
  })
  edge.ready('CP1')
  expect(await edge.say('Authorize', { idTag: 'GUEST' })).toMatchObject({
    idTagInfo: { status: 'Invalid' },
  })
  await edge.gateway.remoteStart('CP1', 1, 'GUEST', TX)
  expect(edge.sent[0].payload).toMatchObject({ idTag: 'GUEST', connectorId: 1 })
  expect(await edge.say('Authorize', { idTag: 'GUEST' })).toMatchObject({
    idTagInfo: { status: 'Accepted' },
  })
})

test('so does a remote start that is sent as it is', async () => {
  const edge = await createEdge('ocpp2.0.1', {
    authorization: { unknownTokens: 'reject', concurrentTransactions: 'refuse' },
  })
  edge.ready('CP1', 'ocpp2.0.1')
  const idToken = { idToken: 'GUEST', type: 'Central' }
  await edge.gateway.call('CP1', 'RequestStartTransaction', {
    idToken,
    remoteStartId: 1,
    evseId: 1,
  })
  expect(await edge.say('Authorize', { idToken })).toMatchObject({
    idTokenInfo: { status: 'Accepted' },
  })
})

const CSO_PROFILE = { chargingProfileId: 9, stackLevel: 9 }

test.each([
  ['SetChargingProfile', { connectorId: 1, csChargingProfiles: CSO_PROFILE }],
  ['ClearChargingProfile', {}],
  ['RemoteStartTransaction', { idTag: 'A', connectorId: 1, chargingProfile: CSO_PROFILE }],
] as const)(
  '%s from outside would overrule the controller: it is refused',
  async (action, payload) => {
    const edge = await ready()
    expect(await edge.gateway.call('CP1', action, payload)).toMatchObject({
      reason: 'controlled',
      detail: expect.stringContaining('control: off'),
    })
    expect(edge.sent).toEqual([])
  },
)

test('where control is off it passes', async () => {
  const off = { control: 'off' as const }
  const edge = await createEdge('ocpp1.6', {
    site: site([evse('CP1', 1, off), evse('CP1', 2, off), evse('CP2', 1)]),
  })
  edge.ready('CP1')
  expect(await edge.gateway.call('CP1', 'ClearChargingProfile', {})).toMatchObject({ ok: true })
  expect(edge.sent).toHaveLength(1)
})

test('a Pending station may send what it was asked for', async () => {
  const edge = await createEdge('ocpp1.6')
  await edge.csms.stations.holdBoot('CP1', 'pending', 'ann')
  edge.ready('CP1')
  const may = (action: string) => edge.csms.connections.allowed('CP1', action)
  expect(may('StatusNotification')).toBe(false)
  await edge.gateway.trigger('CP1', 'StatusNotification', null)
  await edge.gateway.call('CP1', 'ExtendedTriggerMessage', {
    requestedMessage: 'SignChargePointCertificate',
  })
  expect([may('StatusNotification'), may('SignCertificate'), may('MeterValues')]).toEqual([
    true,
    true,
    false,
  ])
  edge.connect('CP1')
  edge.csms.connections.boot('CP1', BOOT)
  expect(may('StatusNotification')).toBe(false)
})

test('any action goes through as it is; other payloads do not', async () => {
  const edge = await ready()
  edge.answerWith(() => ({ listVersion: 3 }))
  expect(await edge.gateway.call('CP1', 'GetLocalListVersion', {})).toEqual({
    ok: true,
    response: { listVersion: 3 },
  })
  expect(await edge.gateway.call('CP1', 'GetLocalListVersion', 'no')).toMatchObject({
    reason: 'invalid',
  })
})

test.each(PROTOCOLS)('%s: every command of the port', async (protocol) => {
  const edge = await ready(protocol)
  edge.answerWith((action) => ({ status: action === 'UnlockConnector' ? 'Unlocked' : 'Accepted' }))
  const { gateway } = edge
  const results = await Promise.all([
    gateway.clearChargingProfile('CP1', { purpose: 'tx' }),
    gateway.getCompositeSchedule('CP1', 1, 600, 'A'),
    gateway.remoteStop('CP1', '5'),
    gateway.reset('CP1', 'immediate'),
    gateway.unlock('CP1', 1, 1),
    gateway.changeAvailability('CP1', null, true),
    gateway.trigger('CP1', 'MeterValues', 1),
    gateway.dataTransfer('CP1', 'acme', 'Ping', null),
  ])
  expect(results.map(({ ok }) => ok)).toEqual(Array.from({ length: 8 }, () => true))
  expect(edge.sent).toHaveLength(8)
})

test('the profiles of a station, in parts', async () => {
  const edge = await ready('ocpp2.0.1')
  const part = (tbc: boolean, id: number, purpose: string) => ({
    requestId: 1,
    chargingLimitSource: 'CSO',
    evseId: 1,
    tbc,
    chargingProfile: [
      {
        id,
        stackLevel: 0,
        chargingProfilePurpose: purpose,
        chargingProfileKind: 'Absolute',
        chargingSchedule: [
          {
            id,
            startSchedule: '2026-11-22T08:00:00Z',
            chargingRateUnit: 'A',
            chargingSchedulePeriod: [{ startPeriod: 0, limit: 6, numberPhases: 1 }],
          },
        ],
      },
    ],
  })
  edge.answerWith(() => {
    // The first part overtakes the answer.
    void edge.say('ReportChargingProfiles', part(true, 5, 'TxDefaultProfile'))
    void settle().then(() =>
      edge.say('ReportChargingProfiles', part(false, 6, 'ChargingStationExternalConstraints')),
    )
    return { status: 'Accepted' }
  })
  const result = await edge.gateway.readProfiles('CP1', { evseId: 1 })
  expect(result).toMatchObject({
    ok: true,
    response: [{ evseId: 1, profile: { id: 5, purpose: 'tx-default', validToMs: null } }],
  })
  edge.answerWith(() => ({ status: 'NoProfiles' }))
  expect(await edge.gateway.readProfiles('CP1', {})).toEqual({ ok: true, response: [] })
})

test('1.6 stations cannot tell their profiles', async () => {
  const edge = await ready()
  expect(await edge.gateway.readProfiles('CP1', {})).toMatchObject({ reason: 'invalid' })
})

const ONE_PHASE = { ...TX, schedule: { ...TX.schedule, numberPhases: 1 as const } }

test.each(PROTOCOLS)('%s: watts of one phase are watts of one phase', async (protocol) => {
  const edge = await ready(protocol)
  learn(edge, { rateUnits: ['W'] })
  await edge.gateway.setChargingProfile('CP1', 1, ONE_PHASE)
  expect(edge.sent.map(profileOf)).toMatchObject([{ unit: 'W', limits: [3_887, 1_380] }])
})

test.each(PROTOCOLS)('%s: a refusal of one phase teaches nothing else', async (protocol) => {
  const edge = await ready(protocol)
  learn(edge, { maxStackLevel: 8 })
  edge.answerWith(() => ({ status: 'Rejected' }))
  expect(await edge.gateway.setChargingProfile('CP1', 1, ONE_PHASE)).toMatchObject({
    reason: 'rejected',
  })
  expect(edge.sent).toHaveLength(1)
  expect(edge.csms.stations.mustFind('CP1').learned?.tried).toEqual([])
})
