import { expect, test } from 'vitest'
import type { StatusReport } from '../../../src/csms/status-notifications.ts'
import type { EvseStatus } from '../../../src/domain/session.ts'
import { createWorld, settle, START_MS } from './harness.ts'

const start = async () => {
  const world = await createWorld()
  world.ready('CP1')
  const station = world.csms.stations.mustFind('CP1')
  const [state] = world.csms.fleet.states()
  const report = (status: EvseStatus, given: Partial<StatusReport> = {}) =>
    world.csms.statusNotifications.accept(station, {
      evseId: 1,
      connectorId: 1,
      status,
      errorCode: null,
      statedMs: null,
      ...given,
    })
  return { ...world, station, state, report }
}

test('a vehicle that is plugged in opens a session, and ends it when it leaves', async () => {
  const { state, report, advance, storage } = await start()
  report('available')
  expect(state).toMatchObject({ status: 'available', session: null })
  report('occupied')
  expect(state.session).toMatchObject({ connectedAtMs: START_MS, transactionId: null })
  const { id } = state.session ?? { id: '' }
  await advance(60)
  report('suspended-ev')
  expect(state.session?.id).toBe(id)
  report('available')
  expect(state.session).toBeNull()
  await settle()
  expect(storage.rows('session')).toMatchObject([{ id, endedAtMs: START_MS + 60_000 }])
  expect(storage.rows('evse')).toMatchObject([{ stationId: 'CP1', status: 'available' }])
})

test.each(['faulted', 'unavailable'] as const)('%s says nothing about the plug', async (status) => {
  const { state, report } = await start()
  report('occupied')
  report(status)
  expect(state).toMatchObject({ status, session: { endedAtMs: null } })
})

test('an older status that comes late is ignored', async () => {
  const { state, report, advance, clock } = await start()
  await advance(120)
  report('occupied', { statedMs: clock.now() })
  report('available', { statedMs: clock.now() - 60_000 })
  expect(state).toMatchObject({ status: 'occupied', session: { endedAtMs: null } })
})

test('a status of the same second counts', async () => {
  const { state, report, clock } = await start()
  report('occupied', { statedMs: clock.now() })
  report('charging', { statedMs: clock.now() })
  expect(state.status).toBe('charging')
})

test('a clock that ran ahead does not silence a station for ever', async () => {
  const { state, report, advance, clock } = await start()
  report('occupied', { statedMs: clock.now() + 86_400_000 })
  await advance(10)
  report('available', { statedMs: clock.now() })
  expect(state.status).toBe('available')
})

test('available does not end the session of an open transaction', async () => {
  const { csms, station, state, report } = await start()
  report('occupied')
  await csms.transactions.start(station, {
    connectorId: 1,
    idToken: 'TAG',
    startedAtMs: START_MS,
    meterStartWh: 0,
  })
  report('available')
  expect(state).toMatchObject({ status: 'occupied', session: { transactionId: '1' } })
})

test('of several connectors of an EVSE the one in use decides', async () => {
  const { state, report } = await start()
  report('available', { connectorId: 1 })
  report('occupied', { connectorId: 2 })
  expect(state.status).toBe('occupied')
  report('available', { connectorId: 1 })
  expect(state.session).not.toBeNull()
  report('available', { connectorId: 2 })
  expect(state).toMatchObject({ status: 'available', session: null })
})

test('connectors tell since when they are as they are, each for itself', async () => {
  const { state, report, advance, clock } = await start()
  await advance(600)
  report('available', { connectorId: 1, statedMs: clock.now() - 1_000 })
  report('occupied', { connectorId: 2, statedMs: clock.now() - 60_000 })
  expect(state).toMatchObject({ status: 'occupied', session: { endedAtMs: null } })
})

test('the station itself, and EVSEs without a place, are stored only', async () => {
  const { csms, report, storage } = await start()
  report('faulted', { evseId: 0, errorCode: 'GroundFailure' })
  report('occupied', { evseId: 9 })
  await settle()
  expect(storage.rows('evse')).toMatchObject([
    { evseId: 0, status: 'faulted', errorCode: 'GroundFailure' },
    { evseId: 9, status: 'occupied' },
  ])
  expect(csms.fleet.states().every(({ session }) => session === null)).toBe(true)
})

test('states survive a restart until the station reports again', async () => {
  const world = await start()
  world.report('occupied')
  const { csms } = await world.restart()
  expect(csms.fleet.states()[0]).toMatchObject({ status: 'occupied', ready: false })
  expect(csms.fleet.states()[0].session).toMatchObject({ connectedAtMs: START_MS })
})

test('a status that cannot be stored is answered all the same, and logged', async () => {
  const { report, state, storage, lines, csms } = await start()
  await settle()
  storage.failNext(1)
  report('occupied')
  await settle()
  expect(state.status).toBe('occupied')
  expect(csms.journal.failures()).toBe(1)
  expect(lines).toContainEqual(
    expect.objectContaining({ message: 'a change could not be stored', level: 'error' }),
  )
  // The next change catches it up.
  report('charging')
  await settle()
  expect(storage.rows('session')).toHaveLength(1)
})
