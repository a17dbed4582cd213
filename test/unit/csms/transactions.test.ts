import { expect, test } from 'vitest'
import type { Stop } from '../../../src/csms/transactions.ts'
import { createWorld, register, set, settle, START_MS, type World } from './harness.ts'

const start = (given: Partial<Parameters<World['csms']['transactions']['start']>[1]> = {}) => ({
  connectorId: 1,
  idToken: 'TAG1',
  startedAtMs: START_MS,
  meterStartWh: 1_000,
  ...given,
})

const stop = (given: Partial<Stop> = {}): Stop => ({
  transactionId: '1',
  stoppedAtMs: START_MS + 3_600_000,
  meterStopWh: 8_000,
  idToken: null,
  reason: null,
  sets: [],
  ...given,
})

const charging = async (given: Parameters<typeof createWorld>[0] = {}) => {
  const world = await createWorld(given)
  world.ready('CP1')
  const station = world.csms.stations.mustFind('CP1')
  return { ...world, station, transactions: world.csms.transactions }
}

test('a start opens a transaction and a session', async () => {
  const { csms, station, transactions, storage } = await charging()
  const { transactionId, decision } = await transactions.start(station, start())
  expect(transactionId).toBe(1)
  expect(decision.status).toBe('accepted')
  const [state] = csms.fleet.states()
  expect(state.session).toMatchObject({ transactionId: '1', idToken: 'TAG1', endedAtMs: null })
  expect(state.status).toBe('occupied')
  expect(storage.rows('transaction')).toMatchObject([
    { transactionId: '1', evseId: 1, state: 'open', sessionId: state.session?.id },
  ])
  expect(storage.rows('session')).toMatchObject([{ id: state.session?.id, transactionId: '1' }])
})

test('ids rise, also over a restart, and are never given twice', async () => {
  const world = await charging()
  const ids = [
    await world.transactions.start(world.station, start()),
    await world.transactions.start(world.station, start({ connectorId: 2, idToken: 'TAG2' })),
  ].map(({ transactionId }) => transactionId)
  const { csms, ready } = await world.restart()
  ready('CP2')
  const other = csms.stations.mustFind('CP2')
  ids.push((await csms.transactions.start(other, start({ idToken: 'TAG3' }))).transactionId)
  expect(ids).toEqual([1, 2, 3])
})

test.each([
  ['the same start', {}, 1],
  ['another connector', { connectorId: 2 }, 2],
  ['another token', { idToken: 'TAG2' }, 2],
  ['another time', { startedAtMs: START_MS + 1_000 }, 2],
  ['another meter value', { meterStartWh: 1_001 }, 2],
])('%s again', async (_, given, expected) => {
  const { transactions, station, storage } = await charging()
  await transactions.start(station, start())
  const { transactionId } = await transactions.start(station, start(given))
  expect(transactionId).toBe(expected)
  expect(storage.rows('transaction')).toHaveLength(expected)
})

test('the same start is known after a restart, and after its end', async () => {
  const world = await charging()
  await world.transactions.start(world.station, start())
  const { csms, ready } = await world.restart()
  ready('CP1')
  const station = csms.stations.mustFind('CP1')
  expect((await csms.transactions.start(station, start())).transactionId).toBe(1)
  await csms.transactions.stop(station, stop())
  expect((await csms.transactions.start(station, start())).transactionId).toBe(1)
  expect(csms.transactions.open()).toEqual([])
})

test('a repeat that overtakes the first answer gets the same id', async () => {
  const { transactions, station, storage } = await charging()
  const [first, second] = await Promise.all([
    transactions.start(station, start()),
    transactions.start(station, start()),
  ])
  expect(second.transactionId).toBe(first.transactionId)
  expect(storage.rows('transaction')).toHaveLength(1)
})

test('the repeat of a start is no concurrent use of its token', async () => {
  const { transactions, station } = await charging()
  await transactions.start(station, start())
  expect((await transactions.start(station, start())).decision.status).toBe('accepted')
})

test('a start is confirmed when it is durable, not before', async () => {
  const { transactions, station, storage } = await charging()
  await settle()
  storage.hold()
  let confirmed = false
  const answer = transactions.start(station, start()).then((result) => {
    confirmed = true
    return result
  })
  await settle()
  expect(confirmed).toBe(false)
  expect(storage.rows('transaction')).toEqual([])
  storage.release()
  expect((await answer).transactionId).toBe(1)
  expect(storage.rows('transaction')).toHaveLength(1)
  expect(storage.rows('counter')).toMatchObject([{ name: 'transaction', value: 1 }])
})

test('a start that cannot be stored is not confirmed; its repeat is, with everything', async () => {
  const { transactions, station, storage } = await charging()
  await settle()
  storage.failNext(1)
  await expect(transactions.start(station, start())).rejects.toMatchObject({
    code: 'storage-failed',
  })
  expect(storage.rows('transaction')).toEqual([])
  const { transactionId } = await transactions.start(station, start())
  expect(storage.rows('transaction')).toMatchObject([{ transactionId: String(transactionId) }])
  await settle()
  expect(storage.rows('session')).toMatchObject([{ transactionId: String(transactionId) }])
  expect(storage.rows('counter')).toMatchObject([{ value: transactionId }])
})

test('a stop ends the transaction; the vehicle stays until the connector is free', async () => {
  const { csms, transactions, station, storage, advance } = await charging()
  csms.statusNotifications.accept(station, status('charging'))
  await transactions.start(station, start())
  await advance(3_600)
  await transactions.stop(station, stop({ reason: 'EVDisconnected' }))
  expect(storage.rows('transaction')).toMatchObject([
    { state: 'ended', meterStopWh: 8_000, stopReason: 'EVDisconnected' },
  ])
  const [state] = csms.fleet.states()
  expect(state.session).toMatchObject({ transactionId: null, endedAtMs: null })
  csms.statusNotifications.accept(station, status('available'))
  expect(state.session).toBeNull()
  await settle()
  expect(storage.rows('session')).toMatchObject([
    { energyWh: 7_000, endedAtMs: START_MS + 3_600_000 },
  ])
})

const status = (value: 'charging' | 'available') => ({
  evseId: 1,
  connectorId: 1,
  status: value,
  errorCode: null,
  statedMs: null,
})

test('a stop is confirmed when it is durable; a failed one can be repeated', async () => {
  const { transactions, station, storage } = await charging()
  await transactions.start(station, start())
  storage.failNext(1)
  await expect(transactions.stop(station, stop())).rejects.toMatchObject({ code: 'storage-failed' })
  expect(storage.rows('transaction')).toMatchObject([{ state: 'open' }])
  await transactions.stop(station, stop())
  expect(storage.rows('transaction')).toMatchObject([{ state: 'ended', meterStopWh: 8_000 }])
  await settle()
  expect(storage.rows('session').every(({ transactionId }) => transactionId === null)).toBe(true)
})

test('meter readings that the station left out are found, or not known', async () => {
  const { transactions, station, storage } = await charging()
  const { transactionId } = await transactions.start(station, start({ meterStartWh: null }))
  const again = await transactions.start(station, start({ meterStartWh: null }))
  expect(again.transactionId).toBe(transactionId)
  await transactions.stop(station, stop({ meterStopWh: null }))
  expect(storage.rows('transaction')).toMatchObject([
    { state: 'ended', meterStartWh: null, meterStopWh: null },
  ])
  await transactions.start(station, start())
  const sets = [set([register(8_000)], null, 'Transaction.End')]
  await transactions.stop(station, stop({ transactionId: '2', meterStopWh: null, sets }))
  expect(storage.rows('transaction')[1]).toMatchObject({ state: 'ended', meterStopWh: 8_000 })
})

test('a repeated stop is confirmed and changes nothing', async () => {
  const { transactions, station, storage } = await charging()
  await transactions.start(station, start())
  const ended = stop({ sets: [set([register(8_000)], null, 'Transaction.End')] })
  await transactions.stop(station, ended)
  await transactions.stop(station, ended)
  await transactions.stop(station, { ...ended, meterStopWh: 1 })
  expect(storage.rows('transaction')).toMatchObject([{ meterStopWh: 8_000 }])
  expect(storage.rows('sample')).toHaveLength(1)
})

test.each(['0', '-1', '4711'])('a stop with the id %s is kept as an orphan', async (id) => {
  const { transactions, station, storage } = await charging()
  const data = [set([register(8_000)], null, 'Transaction.End')]
  await transactions.stop(station, stop({ transactionId: id, sets: data }))
  expect(storage.rows('transaction')).toMatchObject([
    { state: 'orphan', evseId: 0, meterStopWh: 8_000, stopReason: null },
  ])
  expect(storage.rows('sample')).toHaveLength(1)
  // Once more: the same orphan, not a second one.
  await transactions.stop(station, stop({ transactionId: id, sets: data }))
  expect(storage.rows('transaction')).toHaveLength(1)
})

test.each([
  ['the only one that it can be', {}, 'ended'],
  ['another token', { idToken: 'OTHER' }, 'open'],
  ['a meter below its start', { meterStopWh: 10 }, 'open'],
  ['a time before its start', { stoppedAtMs: START_MS - 1 }, 'open'],
  [
    'the begin value of its start',
    { sets: [set([register(1_000)], null, 'Transaction.Begin')] },
    'ended',
  ],
  [
    'the begin value of another start',
    { sets: [set([register(2_000)], null, 'Transaction.Begin')] },
    'open',
  ],
])('a stop without an id: %s', async (_, given, expected) => {
  const { transactions, station, storage } = await charging()
  await transactions.start(station, start())
  await transactions.stop(station, stop({ transactionId: '-1', ...given }))
  const [transaction] = storage.rows('transaction')
  expect(transaction.state).toBe(expected)
})

test('a stop without an id is not guessed between two', async () => {
  const { transactions, station, storage } = await charging()
  await transactions.start(station, start())
  await transactions.start(station, start({ connectorId: 2, idToken: 'TAG2' }))
  await transactions.stop(station, stop({ transactionId: '0' }))
  const states = storage.rows('transaction').map(({ state }) => state)
  expect(states).toEqual(['open', 'open', 'orphan'])
  // The token tells them apart.
  await transactions.stop(
    station,
    stop({ transactionId: '0', idToken: 'TAG2', meterStopWh: 9_000 }),
  )
  const [first, second] = storage.rows('transaction')
  expect([first.state, second.state]).toEqual(['open', 'ended'])
})

test('a station cannot stop the transaction of another', async () => {
  const { csms, ready, transactions, station, storage } = await charging()
  await transactions.start(station, start())
  ready('CP2')
  await transactions.stop(csms.stations.mustFind('CP2'), stop())
  expect(storage.rows('transaction').map(({ stationId, state }) => [stationId, state])).toEqual([
    ['CP1', 'open'],
    ['CP2', 'orphan'],
  ])
})

test('a new start on the connector ends the one whose stop was lost', async () => {
  const { csms, advance, transactions, station, storage } = await charging()
  await transactions.start(station, start())
  await advance(600)
  const later = start({ startedAtMs: START_MS + 600_000, meterStartWh: 3_000, idToken: 'TAG2' })
  await transactions.start(station, later)
  expect(storage.rows('transaction')).toMatchObject([
    { state: 'ended', stopReason: 'Replaced' },
    { state: 'open' },
  ])
  expect(csms.fleet.states()[0].session).toMatchObject({ transactionId: '2', idToken: 'TAG2' })
  expect(storage.rows('session')).toHaveLength(2)
  // Its stop comes after all: the station's word replaces ours.
  await transactions.stop(station, stop({ stoppedAtMs: START_MS + 500_000, meterStopWh: 2_900 }))
  expect(storage.rows('transaction')[0]).toMatchObject({ stopReason: 'Local', meterStopWh: 2_900 })
  expect(csms.fleet.states()[0].session?.transactionId).toBe('2')
})

test('a start that is replayed takes no part in real time; its stop makes a past session', async () => {
  const { csms, advance, transactions, station, storage } = await charging()
  await advance(7_200)
  await transactions.start(station, start())
  expect(csms.fleet.states()[0].session).toBeNull()
  await transactions.stop(station, stop())
  expect(csms.fleet.states()[0].session).toBeNull()
  expect(storage.rows('session')).toMatchObject([
    { connectedAtMs: START_MS, endedAtMs: START_MS + 3_600_000, energyWh: 7_000 },
  ])
})

test('an operator closes a transaction once', async () => {
  const { csms, transactions, station, storage } = await charging()
  await transactions.start(station, start())
  await transactions.close('CP1', '1', 'ann')
  expect(storage.rows('transaction')).toMatchObject([{ state: 'ended', stopReason: 'Operator' }])
  expect(storage.rows('audit')).toMatchObject([{ actor: 'ann', target: 'CP1/1' }])
  expect(csms.fleet.states()[0].session?.transactionId ?? null).toBeNull()
  await expect(transactions.close('CP1', '1', 'ann')).rejects.toMatchObject({ code: 'conflict' })
  await expect(transactions.close('CP1', '9', 'ann')).rejects.toMatchObject({ code: 'not-found' })
})

test('open transactions and sessions go on after a restart, with their energy', async () => {
  const world = await charging()
  await world.transactions.start(world.station, start())
  await world.advance(300)
  await world.csms.meterValues.accept(world.station, 1, '1', [set([register(2_000)])])
  await world.advance(70)
  await world.csms.meterValues.accept(world.station, 1, '1', [set([register(2_300)])])
  const before = world.csms.fleet.states()[0].session

  const { csms, ready } = await world.restart()
  ready('CP1')
  const [state] = csms.fleet.states()
  expect(state.session).toEqual(before)
  expect(state.status).toBe('occupied')
  await csms.meterValues.accept(csms.stations.mustFind('CP1'), 1, '1', [set([register(2_400)])])
  expect(state.session?.energyWh).toBe(1_400)
})

test('listing and getting', async () => {
  const { transactions, station } = await charging()
  await transactions.start(station, start())
  await transactions.stop(station, stop())
  await transactions.start(station, start({ startedAtMs: START_MS + 1_000 }))
  expect((await transactions.list()).map(({ transactionId }) => transactionId)).toEqual(['2', '1'])
  expect(await transactions.list({ state: 'open' })).toHaveLength(1)
  expect(transactions.open()).toMatchObject([{ transactionId: '2' }])
  expect(await transactions.get('CP1', '1')).toMatchObject({ state: 'ended' })
})

const EVENING_MS = START_MS + 12 * 3_600_000

test('what the register did while nobody charged counts for nothing', async () => {
  const { station, transactions, csms, clock, advance } = await charging()
  await transactions.start(station, start({ meterStartWh: 500_000 }))
  await advance(60)
  await transactions.stop(station, stop({ meterStopWh: 500_110, stoppedAtMs: clock.now() }))
  await clock.advanceTo(EVENING_MS)
  const again = { startedAtMs: EVENING_MS, meterStartWh: 501_000, idToken: 'TAG2' }
  await transactions.start(station, start(again))
  await advance(60)
  await transactions.stop(
    station,
    stop({ transactionId: '2', meterStopWh: 501_110, stoppedAtMs: clock.now() }),
  )
  expect((await csms.sessions.list()).map(({ energyWh }) => energyWh)).toEqual([110, 110])
})

test('a register that starts at zero with each transaction delivers all of each', async () => {
  const { station, transactions, csms, clock, advance } = await charging()
  for (const [index, wh] of [150, 180].entries()) {
    await transactions.start(
      station,
      start({ startedAtMs: clock.now(), meterStartWh: 0, idToken: `TAG${index}` }),
    )
    await advance(60)
    const transactionId = String(index + 1)
    await transactions.stop(
      station,
      stop({ transactionId, meterStopWh: wh, stoppedAtMs: clock.now() }),
    )
    await advance(60)
  }
  expect((await csms.sessions.list()).map(({ energyWh }) => energyWh)).toEqual([180, 150])
})

test('two transactions of one stay add up, and nothing between them', async () => {
  const { station, transactions, csms, clock, advance } = await charging()
  const status = { evseId: 1, connectorId: 1, status: 'occupied', errorCode: null } as const
  csms.statusNotifications.accept(station, { ...status, statedMs: clock.now() })
  const evse = csms.evses.all()[0]
  for (const [index, wh] of [1_000, 1_900].entries()) {
    await transactions.start(station, start({ startedAtMs: clock.now(), meterStartWh: wh }))
    await advance(60)
    const transactionId = String(index + 1)
    await transactions.stop(
      station,
      stop({ transactionId, meterStopWh: wh + 200, stoppedAtMs: clock.now() }),
    )
    await advance(60)
    csms.evses.measure(evse, [register(wh + 500)], clock.now(), clock.now())
  }
  expect(csms.fleet.states()[0].session?.energyWh).toBe(400)
})

test('a transaction that seemed to be over goes on without counting twice', async () => {
  const { station, transactions, csms, clock, advance } = await charging()
  await transactions.start(station, start({ meterStartWh: 1_000 }))
  await advance(600)
  await csms.meterValues.accept(station, 1, '1', [set([register(3_000)])])
  const status = { evseId: 1, connectorId: 1, status: 'available', errorCode: null } as const
  csms.statusNotifications.accept(station, { ...status, statedMs: clock.now() })
  await advance(24 * 3_600)
  const [ghost] = await csms.transactions.list()
  expect(ghost).toMatchObject({ state: 'ended', stopReason: 'Ghost' })
  await csms.meterValues.accept(station, 1, '1', [set([register(3_100)])])
  await advance(60)
  await csms.meterValues.accept(station, 1, '1', [set([register(3_200)])])
  const sessions = await csms.sessions.list()
  expect(sessions.reduce((sum, { energyWh }) => sum + energyWh, 0)).toBe(2_200)
})
