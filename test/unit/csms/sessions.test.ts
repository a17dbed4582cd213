import { expect, test } from 'vitest'
import type { SessionNeed } from '../../../src/domain/session.ts'
import { createWorld, settle, START_MS } from './harness.ts'

const plugged = async (given: Parameters<typeof createWorld>[0] = {}) => {
  const world = await createWorld(given)
  world.ready('CP1')
  const station = world.csms.stations.mustFind('CP1')
  world.csms.statusNotifications.accept(station, {
    evseId: 1,
    connectorId: 1,
    status: 'occupied',
    errorCode: null,
    statedMs: null,
  })
  const [state] = world.csms.fleet.states()
  return { ...world, station, state, id: state.session?.id ?? '' }
}

const need = (given: Partial<SessionNeed> = {}): SessionNeed => ({
  energyWh: 20_000,
  departureMs: START_MS + 3_600_000,
  source: 'driver',
  ...given,
})

test('nobody said anything: the default need', async () => {
  const { state } = await plugged({ defaultNeed: { energyWh: 30_000, stayS: 7_200 } })
  expect(state.session).toMatchObject({
    need: { energyWh: 30_000, departureMs: START_MS + 7_200_000, source: 'default' },
    priority: 1,
  })
})

test('a need by the API is durable, on record, published and in force', async () => {
  const { csms, state, id, storage, changes } = await plugged()
  await csms.sessions.setNeed(id, need(), 'ann')
  expect(state.session?.need).toEqual(need())
  expect(storage.rows('session')).toMatchObject([{ need: need() }])
  expect(storage.rows('audit')).toMatchObject([
    { actor: 'ann', action: 'session.need', target: id, detail: need() },
  ])
  expect(changes.at(-1)).toMatchObject({ kind: 'session', id })
})

test.each([
  ['negative energy', need({ energyWh: -1 })],
  ['endless energy', need({ energyWh: Infinity })],
  ['no time', need({ departureMs: Number.NaN })],
  ['a departure that is past', need({ departureMs: START_MS - 1 })],
  ['a departure at this moment', need({ departureMs: START_MS })],
])('%s is refused', async (_, wrong) => {
  const { csms, id, state } = await plugged()
  await expect(csms.sessions.setNeed(id, wrong, 'ann')).rejects.toMatchObject({
    code: 'payload-invalid',
  })
  expect(state.session?.need.source).toBe('default')
})

test('a session that is not open has no need', async () => {
  const { csms } = await plugged()
  await expect(csms.sessions.setNeed('nope', need(), 'ann')).rejects.toMatchObject({
    code: 'not-found',
  })
})

test('priority can be changed within bounds', async () => {
  const { csms, id, state } = await plugged()
  await csms.sessions.setPriority(id, 5, 'ann')
  expect(state.session?.priority).toBe(5)
  await expect(csms.sessions.setPriority(id, 1e9, 'ann')).rejects.toMatchObject({
    code: 'payload-invalid',
  })
})

test("the vehicle's need counts, but not against the driver's", async () => {
  const { csms, id, state } = await plugged()
  const evse = csms.evses.all()[0]
  expect(csms.sessions.vehicleNeed(evse, need({ source: 'station' }))).toBe(true)
  expect(state.session?.need.source).toBe('station')
  await csms.sessions.setNeed(id, need({ energyWh: 5_000 }), 'ann')
  csms.sessions.vehicleNeed(evse, need({ source: 'station' }))
  expect(state.session?.need).toMatchObject({ energyWh: 5_000, source: 'driver' })
  expect(csms.sessions.vehicleNeed(csms.evses.all()[1], need())).toBe(false)
})

test('another driver after an ended transaction is another stay', async () => {
  const { csms, station, state, id, clock, storage } = await plugged()
  const start = (idToken: string, connectorId = 1) =>
    csms.transactions.start(station, {
      connectorId,
      idToken,
      startedAtMs: clock.now(),
      meterStartWh: 0,
    })
  const stop = (transactionId: number) =>
    csms.transactions.stop(station, {
      transactionId: String(transactionId),
      stoppedAtMs: clock.now(),
      meterStopWh: 10,
      idToken: null,
      reason: null,
      sets: [],
    })
  await stop((await start('ANN')).transactionId)
  expect(state.session?.id).toBe(id)
  await clock.advanceTo(clock.now() + 60_000)
  await stop((await start('ann')).transactionId)
  // The same driver goes on with the same stay.
  expect(state.session?.id).toBe(id)
  await clock.advanceTo(clock.now() + 60_000)
  await start('BOB')
  expect(state.session?.id).not.toBe(id)
  expect(storage.rows('session')).toHaveLength(2)
})

test('open, list and get', async () => {
  const { csms, id, station, advance } = await plugged()
  expect(csms.sessions.open()).toMatchObject([{ id }])
  await settle()
  expect(await csms.sessions.list()).toMatchObject([{ id }])
  expect(await csms.sessions.list({ stationId: 'CP2' })).toEqual([])
  await advance(5)
  csms.statusNotifications.accept(station, {
    evseId: 1,
    connectorId: 1,
    status: 'available',
    errorCode: null,
    statedMs: null,
  })
  await settle()
  expect(csms.sessions.open()).toEqual([])
  expect(await csms.sessions.get(id)).toMatchObject({ endedAtMs: START_MS + 5_000 })
  await expect(csms.sessions.get('nope')).rejects.toMatchObject({ code: 'not-found' })
})

test('ids of sessions differ within a millisecond', async () => {
  const { csms, station } = await plugged()
  csms.statusNotifications.accept(station, {
    evseId: 2,
    connectorId: 1,
    status: 'occupied',
    errorCode: null,
    statedMs: null,
  })
  expect(new Set(csms.sessions.open().map(({ id }) => id)).size).toBe(2)
})

test('a session whose EVSE has lost its place is closed at the restart', async () => {
  const world = await plugged()
  await settle()
  const { options, storage, clock } = world
  const next = await createWorld(
    { site: { ...options.site, evses: options.site.evses.slice(1) } },
    storage,
    clock,
  )
  expect(next.csms.sessions.open()).toEqual([])
  expect(storage.rows('session')).toMatchObject([{ endedAtMs: START_MS }])
})
