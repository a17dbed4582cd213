import { expect, test } from 'vitest'
import { createWorld, currents, evse, register, set, settle, site, START_MS } from './harness.ts'

const charging = async () => {
  const world = await createWorld({
    site: site([
      evse('CP1', 1, { wiring: 'L2L3L1' }),
      evse('CP1', 2, { wiring: 'L3' }),
      evse('CP2', 1),
    ]),
  })
  world.ready('CP1')
  const station = world.csms.stations.mustFind('CP1')
  const [first, second] = world.csms.fleet.states()
  const start = (connectorId = 1, idToken = 'TAG') =>
    world.csms.transactions.start(station, {
      connectorId,
      idToken,
      startedAtMs: world.clock.now(),
      meterStartWh: 1_000,
    })
  return { ...world, station, first, second, start, accept: world.csms.meterValues.accept }
}

test('one row per set, one commit, and the measurement in phases of the site', async () => {
  const { station, first, start, accept, storage, clock } = await charging()
  await start()
  const before = storage.commits.length
  const values = [...currents(16, 10, 5), register(1_200)]
  await accept(station, 1, '1', [set(values, clock.now() - 500)])
  expect(storage.commits.slice(before)).toHaveLength(1)
  expect(storage.rows('sample')).toMatchObject([
    {
      stationId: 'CP1',
      evseId: 1,
      transactionId: '1',
      measuredAtMs: START_MS - 500,
      receivedAtMs: START_MS,
      context: 'Sample.Periodic',
      values,
    },
  ])
  expect(first.measured).toMatchObject({
    currentA: [5, 16, 10],
    energyWh: 1_200,
    measuredAtMs: START_MS - 500,
    receivedAtMs: START_MS,
  })
  expect(first.session?.energyWh).toBe(200)
  expect(first.status).toBe('charging')
})

test('measurands of one moment in sets of their own are one measurement', async () => {
  const { station, first, start, accept, storage, clock } = await charging()
  await start()
  const atMs = clock.now()
  await accept(station, 1, '1', [
    ...currents(16, 10, 5).map((value) => set([value], atMs)),
    set([['Power.Active.Import', '', 'W', 7_130]], atMs),
    set([register(1_200)], atMs),
  ])
  expect(storage.rows('sample')).toHaveLength(5)
  expect(first.measured).toMatchObject({ currentA: [5, 16, 10], powerW: 7_130, energyWh: 1_200 })
})

test('values of a transaction are confirmed when they are durable', async () => {
  const { station, start, accept, storage } = await charging()
  await start()
  storage.hold()
  let confirmed = false
  const stored = accept(station, 1, '1', [set([register(1_200)])])
  expect(stored).toBeInstanceOf(Promise)
  void stored?.then(() => {
    confirmed = true
  })
  await settle()
  expect(confirmed).toBe(false)
  storage.release()
  await stored
  expect(storage.rows('sample')).toHaveLength(1)
})

test('values that cannot be stored are not confirmed', async () => {
  const { station, start, accept, storage } = await charging()
  await start()
  storage.failNext(1)
  await expect(accept(station, 1, '1', [set([register(1_200)])])).rejects.toMatchObject({
    code: 'storage-failed',
  })
})

test('values outside a transaction wait for nothing, and are stored all the same', async () => {
  const { station, first, accept, storage } = await charging()
  expect(accept(station, 1, null, [set(currents(2, 2, 2))])).toBeNull()
  expect(first.measured?.currentA).toEqual([2, 2, 2])
  await settle()
  expect(storage.rows('sample')).toMatchObject([{ transactionId: null }])
})

test('values without an id belong to the open transaction at the connector', async () => {
  const { station, first, second, start, accept, storage } = await charging()
  await start(1)
  await start(2, 'TAG2')
  await accept(station, 2, null, [set([register(1_050)])])
  expect(storage.rows('sample')).toMatchObject([{ evseId: 2, transactionId: '2' }])
  expect([first.session?.energyWh, second.session?.energyWh]).toEqual([0, 50])
})

test('values that name a transaction belong to its EVSE, whatever connector they name', async () => {
  const { station, second, start, accept, storage } = await charging()
  await start(2)
  await accept(station, 0, '1', [set([register(1_050)])])
  expect(storage.rows('sample')).toMatchObject([{ evseId: 2, transactionId: '1' }])
  expect(second.session?.energyWh).toBe(50)
})

test('the main meter of a station is stored, and is no EVSE', async () => {
  const { station, first, accept, storage } = await charging()
  expect(accept(station, 0, null, [set(currents(40, 40, 40))])).toBeNull()
  expect(first.measured).toBeNull()
  await settle()
  expect(storage.rows('sample')).toMatchObject([{ evseId: 0 }])
})

test('old values are history: stored, no part of real time', async () => {
  const { station, first, start, accept, storage, clock } = await charging()
  await start()
  await accept(station, 1, '1', [set(currents(16, 16, 16), clock.now() - 600_000)])
  expect(first.measured).toBeNull()
  expect(storage.rows('sample')).toHaveLength(1)
})

test('values that come late do not replace newer ones', async () => {
  const { station, first, start, accept, clock, advance } = await charging()
  await start()
  await advance(30)
  await accept(station, 1, '1', [set(currents(16, 16, 16), clock.now())])
  await accept(station, 1, '1', [set(currents(6, 6, 6), clock.now() - 20_000)])
  expect(first.measured?.currentA).toEqual([16, 16, 16])
})

test('a register alone does not make old currents young', async () => {
  const { station, first, start, accept, clock, advance } = await charging()
  await start()
  await accept(station, 1, '1', [set(currents(16, 16, 16), clock.now())])
  await advance(30)
  await accept(station, 1, '1', [set([register(1_100)], clock.now())])
  expect(first.measured).toMatchObject({
    currentA: [16, 16, 16],
    energyWh: 1_100,
    receivedAtMs: START_MS,
  })
})

test('a transaction that nobody knows is taken up, with its EVSE', async () => {
  const { station, first, accept, storage } = await charging()
  await accept(station, 1, '77', [set([...currents(16, 16, 16), register(5_000)])])
  expect(first.session).toMatchObject({ transactionId: '77', energyWh: 0 })
  expect(storage.rows('transaction')).toMatchObject([
    { transactionId: '77', state: 'open', meterStartWh: null },
  ])
  await accept(station, 1, '77', [set([register(5_100)])])
  expect(first.session?.energyWh).toBe(100)
})

test('an id that was taken up is not given to a new transaction of the station', async () => {
  const { station, start, accept } = await charging()
  await accept(station, 1, '1', [set(currents(16, 16, 16))])
  expect((await start(2)).transactionId).toBe(2)
})

test('an unknown id beside a known transaction is only stored', async () => {
  const { station, first, start, accept, storage } = await charging()
  await start()
  await accept(station, 1, '99', [set([register(1_100)])])
  expect(first.session?.transactionId).toBe('1')
  expect(storage.rows('transaction')).toHaveLength(1)
  expect(storage.rows('sample')).toMatchObject([{ transactionId: '99' }])
})

test('old values of an unknown transaction open nothing', async () => {
  const { station, accept, storage, clock } = await charging()
  await accept(station, 1, '77', [set([register(5_000)], clock.now() - 3_600_000)])
  expect(storage.rows('transaction')).toEqual([])
  expect(storage.rows('sample')).toHaveLength(1)
})

test('values after the end of a transaction do not open it again', async () => {
  const { csms, station, first, start, accept, storage, clock } = await charging()
  await start()
  await csms.transactions.stop(station, {
    transactionId: '1',
    stoppedAtMs: clock.now(),
    meterStopWh: 1_100,
    idToken: null,
    reason: null,
    sets: [],
  })
  await accept(station, 1, '1', [set(currents(0, 0, 0))])
  expect(storage.rows('transaction')).toMatchObject([{ state: 'ended' }])
  expect(first.session?.transactionId ?? null).toBeNull()
})

test('energy reaches the session row at least once a minute', async () => {
  const { station, start, accept, storage, advance } = await charging()
  await start()
  await accept(station, 1, '1', [set([register(1_100)])])
  expect(storage.rows('session')).toMatchObject([{ energyWh: 0 }])
  await advance(61)
  await accept(station, 1, '1', [set([register(1_300)])])
  expect(storage.rows('session')).toMatchObject([{ energyWh: 300 }])
})

test('a measurement ends with its transaction', async () => {
  const { csms, station, first, start, accept, clock } = await charging()
  csms.statusNotifications.accept(station, {
    evseId: 1,
    connectorId: 1,
    status: 'charging',
    errorCode: null,
    statedMs: null,
  })
  await start()
  await accept(station, 1, '1', [set(currents(16, 16, 16))])
  await csms.transactions.stop(station, {
    transactionId: '1',
    stoppedAtMs: clock.now(),
    meterStopWh: 1_100,
    idToken: null,
    reason: null,
    sets: [],
  })
  expect(first.measured).toBeNull()
  expect(first.session).toMatchObject({ energyWh: 100, transactionId: null })
})

test('a station whose clock is slow by minutes is measured now', async () => {
  const { station, first, start, accept, clock, advance } = await charging()
  await start()
  for (let step = 0; step < 4; step++) {
    await advance(10)
    await accept(station, 1, '1', [set(currents(step, step, step), clock.now() - 900_000)])
  }
  expect(first.measured?.currentA).toEqual([3, 3, 3])
  expect(first.measured?.measuredAtMs).toBe(clock.now())
})

test('values that come again under another message id are stored once, also after a restart', async () => {
  const world = await charging()
  const values = () => [set([register(1_500)], START_MS + 30_000)]
  await world.advance(30)
  await world.csms.meterValues.accept(world.station, 1, '1', values())
  await world.csms.meterValues.accept(world.station, 1, '1', values())
  expect(world.storage.rows('sample')).toHaveLength(1)
  await world.advance(5)
  const { csms, ready, storage } = await world.restart()
  ready('CP1')
  const station = csms.stations.mustFind('CP1')
  await csms.meterValues.accept(station, 1, '1', values())
  expect(storage.rows('sample')).toHaveLength(1)
  await csms.meterValues.accept(station, 1, '1', [set([register(1_400)], START_MS + 20_000)])
  await csms.meterValues.accept(station, 1, '1', [set([register(1_600)], START_MS + 40_000)])
  expect(storage.rows('sample')).toHaveLength(3)
})

test('values that could not be stored are taken when they come again', async () => {
  const { csms, station, storage } = await charging()
  await settle()
  const values = () => [set([register(1_500)], START_MS)]
  storage.failNext(1)
  await expect(csms.meterValues.accept(station, 1, '1', values())).rejects.toMatchObject({
    code: 'storage-failed',
  })
  await csms.meterValues.accept(station, 1, '1', values())
  expect(storage.rows('sample')).toHaveLength(1)
})
