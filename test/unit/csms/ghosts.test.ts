import { expect, test } from 'vitest'
import type { EvseStatus } from '../../../src/domain/session.ts'
import { createWorld, currents, register, set, settle, START_MS } from './harness.ts'

const charging = async () => {
  const world = await createWorld({ ghostAfterS: 300 })
  world.ready('CP1')
  const { csms, clock } = world
  const station = csms.stations.mustFind('CP1')
  const report = (status: EvseStatus) =>
    csms.statusNotifications.accept(station, {
      evseId: 1,
      connectorId: 1,
      status,
      errorCode: null,
      statedMs: null,
    })
  const start = (startedAtMs = clock.now()) =>
    csms.transactions.start(station, {
      connectorId: 1,
      idToken: 'TAG',
      startedAtMs,
      meterStartWh: 0,
    })
  report('occupied')
  return { ...world, station, report, start, state: csms.fleet.states()[0] }
}

test('a transaction on an EVSE that stays available has ended', async () => {
  const { start, report, advance, storage, state } = await charging()
  await start()
  await advance(60)
  report('available')
  await advance(240)
  expect(state.session?.transactionId).toBe('1')
  await advance(120)
  await settle()
  expect(storage.rows('transaction')).toMatchObject([{ state: 'ended', stopReason: 'Ghost' }])
  expect(state).toMatchObject({ status: 'available', session: null })
})

test('meter values after the status show that it lives', async () => {
  const { csms, station, start, report, advance, storage, state } = await charging()
  await start()
  report('available')
  for (let minute = 0; minute < 10; minute++) {
    await advance(60)
    await csms.meterValues.accept(station, 1, '1', [set(currents(10, 10, 10))])
  }
  expect(storage.rows('transaction')).toMatchObject([{ state: 'open' }])
  expect(state.status).toBe('charging')
})

test('while the station is away nothing is concluded', async () => {
  const { csms, start, report, advance, storage } = await charging()
  await start()
  await advance(10)
  report('available')
  csms.connections.disconnected('CP1', 1)
  await advance(3_600)
  expect(storage.rows('transaction')).toMatchObject([{ state: 'open' }])
})

test('a transaction that seemed over and goes on measuring is open again', async () => {
  const { csms, station, start, report, advance, storage, state } = await charging()
  await start()
  await advance(10)
  report('available')
  await advance(400)
  expect(csms.transactions.open()).toEqual([])
  const values = [...currents(10, 10, 10), register(500)]
  await csms.meterValues.accept(station, 1, '1', [set(values)])
  expect(storage.rows('transaction')).toMatchObject([{ state: 'open', stopReason: null }])
  expect(state.session?.transactionId).toBe('1')
})

test('a transaction that began in an outage takes its place once the replay is silent', async () => {
  const { start, advance, state, storage } = await charging()
  await advance(3_600)
  await start(START_MS)
  expect(state.session?.transactionId).toBeNull()
  await advance(65)
  await settle()
  expect(state.session).toMatchObject({ transactionId: '1' })
  expect(storage.rows('transaction')).toMatchObject([{ sessionId: state.session?.id }])
})

test('a status from before the start proves nothing, until a day of silence', async () => {
  const { start, report, advance, storage } = await charging()
  report('available')
  await start()
  await advance(3_600)
  await settle()
  expect(storage.rows('transaction')).toMatchObject([{ state: 'open' }])
  await advance(24 * 3_600)
  await settle()
  expect(storage.rows('transaction')).toMatchObject([{ state: 'ended', stopReason: 'Ghost' }])
})

test('a transaction that lost its place to a newer one is closed', async () => {
  const { start, advance, storage, clock } = await charging()
  await advance(3_600)
  await start()
  await start(clock.now() - 3_000_000)
  await advance(400)
  await settle()
  expect(storage.rows('transaction').map(({ state, stopReason }) => [state, stopReason])).toEqual([
    ['open', null],
    ['ended', 'Ghost'],
  ])
})

test('a ghost blocks nobody', async () => {
  const { csms, ready, start, report, advance, clock } = await charging()
  await csms.idTokens.put(
    {
      idToken: 'TAG',
      type: 'ISO14443',
      state: 'accepted',
      groupId: null,
      expiresAtMs: null,
      note: null,
    },
    'ann',
  )
  await start()
  ready('CP2')
  const other = csms.stations.mustFind('CP2')
  const elsewhere = () =>
    csms.transactions.start(other, {
      connectorId: 1,
      idToken: 'TAG',
      startedAtMs: clock.now(),
      meterStartWh: 0,
    })
  expect((await elsewhere()).decision.status).toBe('concurrent')
  await advance(1)
  report('available')
  expect((await elsewhere()).decision.status).toBe('accepted')
})
