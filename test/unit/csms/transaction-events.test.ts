import { expect, test } from 'vitest'
import type { TransactionEvent } from '../../../src/csms/transaction-events.ts'
import { createWorld, currents, register, set, settle, START_MS } from './harness.ts'

const MINUTE_MS = 60_000

const event = (
  kind: TransactionEvent['kind'],
  seqNo: number,
  given: Partial<TransactionEvent> = {},
): TransactionEvent => ({
  kind,
  transactionId: 'tx-a',
  seqNo,
  statedMs: START_MS + seqNo * MINUTE_MS,
  offline: false,
  evseId: 1,
  connectorId: 1,
  idToken: null,
  chargingState: null,
  stopReason: null,
  sets: [],
  ...given,
})

const started = (given: Partial<TransactionEvent> = {}) =>
  event('started', 0, {
    idToken: 'TAG',
    sets: [set([register(1_000)], null, 'Transaction.Begin')],
    ...given,
  })
const updated = (seqNo: number, wh: number, given: Partial<TransactionEvent> = {}) =>
  event('updated', seqNo, { sets: [set([register(wh)])], ...given })
const ended = (seqNo: number, given: Partial<TransactionEvent> = {}) =>
  event('ended', seqNo, {
    stopReason: 'EVDisconnected',
    sets: [set([register(3_000)], null, 'Transaction.End')],
    ...given,
  })

const charging = async () => {
  const world = await createWorld()
  world.ready('CP1', 'ocpp2.0.1')
  const station = world.csms.stations.mustFind('CP1')
  const [state] = world.csms.fleet.states()
  const accept = (given: TransactionEvent) => world.csms.transactionEvents.accept(station, given)
  const row = () => world.storage.rows('transaction')[0]
  return { ...world, station, state, accept, row }
}

test('a transaction from its start to its end', async () => {
  const { accept, advance, state, row, storage } = await charging()
  expect((await accept(started({ chargingState: 'ev-connected' })))?.status).toBe('accepted')
  expect(state).toMatchObject({
    status: 'occupied',
    session: { transactionId: 'tx-a', idToken: 'TAG' },
  })
  await advance(60)
  const values = [...currents(16, 16, 16), register(1_180)]
  await accept(event('updated', 1, { chargingState: 'charging', sets: [set(values)] }))
  expect(state).toMatchObject({
    status: 'charging',
    measured: { currentA: [16, 16, 16] },
    session: { energyWh: 180 },
  })
  await advance(600)
  await accept(ended(2))
  expect(row()).toMatchObject({
    state: 'ended',
    idToken: 'TAG',
    meterStartWh: 1_000,
    meterStopWh: 3_000,
    stopReason: 'EVDisconnected',
    seqNo: 2,
    gaps: [],
  })
  expect(storage.rows('sample')).toHaveLength(3)
  expect(state.session?.transactionId ?? null).toBeNull()
})

test('the charging state decides until the meter knows better', async () => {
  const { accept, advance, state } = await charging()
  await accept(started({ chargingState: 'charging' }))
  expect(state.status).toBe('charging')
  await accept(event('updated', 1, { chargingState: 'suspended-evse' }))
  expect(state.status).toBe('suspended-evse')
  await advance(10)
  await accept(event('updated', 2, { sets: [set(currents(8, 8, 8))] }))
  expect(state.status).toBe('charging')
})

test('an event is confirmed when it is durable', async () => {
  const { accept, storage } = await charging()
  await settle()
  storage.hold()
  let confirmed = false
  const answer = accept(started()).then(() => {
    confirmed = true
  })
  await settle()
  expect(confirmed).toBe(false)
  storage.release()
  await answer
  expect(storage.rows('transaction')).toHaveLength(1)
})

test.each([
  ['started', started()],
  ['updated', updated(1, 1_100)],
  ['ended', ended(1)],
] as const)('%s that could not be stored is taken at its repeat', async (kind, failing) => {
  const { accept, storage, row } = await charging()
  if (kind !== 'started') await accept(started())
  await settle()
  storage.failNext(1)
  const samples = storage.rows('sample').length
  await expect(accept(failing)).rejects.toMatchObject({ code: 'storage-failed' })
  await accept(failing)
  expect(row()).toMatchObject({ state: kind === 'ended' ? 'ended' : 'open', gaps: [] })
  expect(storage.rows('sample')).toHaveLength(samples + 1)
})

test('a repeat is confirmed and stores its values once', async () => {
  const { accept, storage, row } = await charging()
  await accept(started())
  await accept(updated(1, 1_100))
  await accept(updated(1, 1_100))
  expect((await accept(started()))?.status).toBe('accepted')
  expect(storage.rows('sample')).toHaveLength(2)
  expect(row()).toMatchObject({ seqNo: 1, gaps: [] })
})

test('a repeat is known after a restart', async () => {
  const world = await charging()
  await world.accept(started())
  await world.accept(updated(1, 1_100))
  const { csms, ready, storage } = await world.restart()
  ready('CP1', 'ocpp2.0.1')
  await csms.transactionEvents.accept(csms.stations.mustFind('CP1'), updated(1, 1_100))
  expect(storage.rows('sample')).toHaveLength(2)
  expect(csms.fleet.states()[0].session?.transactionId).toBe('tx-a')
})

const permutations = <T>(items: readonly T[]): T[][] =>
  items.length <= 1
    ? [[...items]]
    : items.flatMap((item, index) =>
        permutations(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
      )

const ALL = [started(), updated(1, 1_100), updated(2, 2_000), ended(3)]

test.each(permutations(ALL).map((order) => [order.map(({ seqNo }) => seqNo).join(' '), order]))(
  'events in the order %s give the same transaction',
  async (_, order) => {
    const { accept, advance, storage, row, state } = await charging()
    await advance(600)
    for (const each of order) await accept(each)
    expect(row()).toMatchObject({
      state: 'ended',
      evseId: 1,
      idToken: 'TAG',
      startedAtMs: START_MS,
      endedAtMs: START_MS + 3 * MINUTE_MS,
      meterStartWh: 1_000,
      meterStopWh: 3_000,
      stopReason: 'EVDisconnected',
      seqNo: 3,
      gaps: [],
    })
    expect(storage.rows('sample')).toHaveLength(4)
    expect(state.session?.transactionId ?? null).toBeNull()
  },
)

test('an end whose start never came is an orphan', async () => {
  const { accept, row, state } = await charging()
  await accept(ended(7))
  expect(row()).toMatchObject({ state: 'orphan', gaps: [{ first: 0, last: 6 }] })
  expect(state.session).toBeNull()
})

test('missing events are known, and stop nothing', async () => {
  const { accept, row } = await charging()
  await accept(started())
  await accept(ended(5))
  expect(row()).toMatchObject({ state: 'ended', gaps: [{ first: 1, last: 4 }] })
})

test('a replayed transaction takes no part in real time and becomes a past session', async () => {
  const { accept, advance, state, storage } = await charging()
  await advance(3_600)
  await accept(started({ offline: true, chargingState: 'charging' }))
  await accept(updated(1, 1_500, { offline: true, sets: [set(currents(16, 16, 16))] }))
  expect(state).toMatchObject({ session: null, measured: null, status: 'unknown' })
  await accept(ended(2, { offline: true }))
  expect(state.session).toBeNull()
  expect(storage.rows('session')).toMatchObject([
    { connectedAtMs: START_MS, endedAtMs: START_MS + 2 * MINUTE_MS, energyWh: 2_000 },
  ])
})

test('a transaction that began offline takes its place with the first event of now', async () => {
  const { accept, advance, state, clock } = await charging()
  await advance(3_600)
  await accept(started({ offline: true }))
  expect(state.session).toBeNull()
  await accept(updated(1, 1_500, { statedMs: clock.now(), chargingState: 'charging' }))
  expect(state).toMatchObject({ status: 'charging', session: { transactionId: 'tx-a' } })
})

test('an older transaction does not take the place of a newer one', async () => {
  const { accept, advance, state, clock } = await charging()
  await advance(600)
  await accept(started({ transactionId: 'tx-new', statedMs: clock.now() }))
  await accept(started({ transactionId: 'tx-old', statedMs: clock.now() - 10_000 }))
  expect(state.session?.transactionId).toBe('tx-new')
})

test('later events need not name the EVSE', async () => {
  const { accept, state, row } = await charging()
  await accept(started())
  await accept(updated(1, 1_100, { evseId: null, connectorId: null, chargingState: 'charging' }))
  expect(state.status).toBe('charging')
  expect(row()).toMatchObject({ evseId: 1, connectorId: 1 })
})

test('a driver who is known only later belongs to the session', async () => {
  const { accept, state } = await charging()
  await accept(started({ idToken: null }))
  expect(state.session?.idToken).toBeNull()
  expect((await accept(updated(1, 1_100, { idToken: 'LATE' })))?.status).toBe('accepted')
  expect(state.session?.idToken).toBe('LATE')
})

test('a card before the plug: the EVSE is not chosen yet', async () => {
  const { accept, state, row } = await charging()
  const early = started({ evseId: null, connectorId: null })
  expect((await accept(early))?.status).toBe('accepted')
  expect(state.session).toBeNull()
  await accept(updated(1, 1_000, { chargingState: 'ev-connected' }))
  expect(row()).toMatchObject({ evseId: 1, connectorId: 1, idToken: 'TAG' })
  expect(state.session).toMatchObject({ transactionId: 'tx-a', idToken: 'TAG' })
})

test('whoever stops a transaction is not its driver, and may charge elsewhere', async () => {
  const { accept, csms, ready, state } = await charging()
  ready('CP2', 'ocpp2.0.1')
  await csms.transactionEvents.accept(
    csms.stations.mustFind('CP2'),
    started({ transactionId: 'tx-b', idToken: 'FAMILY' }),
  )
  await accept(started())
  expect((await accept(updated(1, 1_100, { idToken: 'FAMILY' })))?.status).toBe('accepted')
  expect(state.session?.idToken).toBe('TAG')
  expect(csms.transactions.open()[0]).toMatchObject({ transactionId: 'tx-a', idToken: 'TAG' })
})

test('a station that asks for no token is accepted', async () => {
  const { accept } = await charging()
  expect((await accept(started({ idToken: '' })))?.status).toBe('accepted')
})

test('an event on an EVSE without a place in the site is stored, and powerless', async () => {
  const { accept, row } = await charging()
  expect((await accept(started({ evseId: 9 })))?.status).toBe('invalid')
  expect(row()).toMatchObject({ evseId: 9, state: 'open', sessionId: null })
})

test('an outage that is replayed after the newest event loses nothing', async () => {
  const { accept, advance, row, storage, clock } = await charging()
  await accept(started())
  await advance(20_000)
  await accept(updated(1_000, 9_000, { statedMs: clock.now() }))
  for (let seqNo = 1; seqNo < 1_000; seqNo++)
    await accept(
      updated(seqNo, 1_000 + seqNo, { offline: true, statedMs: START_MS + seqNo * 20_000 }),
    )
  expect(storage.rows('sample')).toHaveLength(1_001)
  expect(row()).toMatchObject({ seqNo: 1_000, gaps: [] })
})

test('a station that begins to count again in the middle of a transaction loses nothing', async () => {
  const { accept, advance, row, storage, clock } = await charging()
  await accept(started())
  for (let seqNo = 1; seqNo <= 5; seqNo++) await accept(updated(seqNo, 1_000 + 10 * seqNo))
  await advance(600)
  const now = () => ({ statedMs: clock.now() })
  await accept(updated(0, 1_100, now()))
  await advance(10)
  await accept(updated(1, 1_200, now()))
  await advance(10)
  await accept(ended(2, now()))
  expect(storage.rows('sample')).toHaveLength(9)
  expect(row()).toMatchObject({ state: 'ended', meterStopWh: 3_000, stopReason: 'EVDisconnected' })
})

test('an end with a number that was used ends the transaction', async () => {
  const { accept, row, state, lines } = await charging()
  const second = () => lines.filter(({ message }) => message.startsWith('a second, different end'))
  await accept(started())
  await accept(ended(0, { stopReason: 'Remote' }))
  expect(row()).toMatchObject({ state: 'ended', meterStopWh: 3_000, stopReason: 'Remote' })
  expect(state.session?.transactionId ?? null).toBeNull()
  await accept(ended(0, { stopReason: 'Remote' }))
  expect(row()).toMatchObject({ state: 'ended', stopReason: 'Remote' })
  await accept(ended(0, { stopReason: 'Remote', sets: [] }))
  expect(second()).toHaveLength(0)
  await accept(ended(1, { stopReason: 'PowerLoss' }))
  expect(row()).toMatchObject({ state: 'ended', stopReason: 'Remote' })
  expect(second()).toHaveLength(1)
})

test('a repeat that is older than the memory is found in the storage', async () => {
  const { accept, advance, storage, clock } = await charging()
  await accept(started())
  const events: TransactionEvent[] = []
  for (let seqNo = 1; seqNo <= 300; seqNo++) {
    await advance(10)
    events.push(updated(seqNo, 1_000 + seqNo, { statedMs: clock.now() }))
    await accept(events[seqNo - 1])
  }
  await advance(10)
  for (const event of events) await accept({ ...event, offline: true })
  expect(storage.rows('sample')).toHaveLength(301)
})

test('after a restart a number that is used again is told from a repeat', async () => {
  const world = await charging()
  await world.accept(started())
  await world.advance(60)
  await world.accept(updated(1, 1_100))
  const { csms, ready, storage, advance, clock } = await world.restart()
  ready('CP1', 'ocpp2.0.1')
  await advance(600)
  const again = csms.stations.mustFind('CP1')
  await csms.transactionEvents.accept(again, updated(1, 1_100, { offline: true }))
  await csms.transactionEvents.accept(again, updated(1, 1_400, { statedMs: clock.now() }))
  expect(storage.rows('sample')).toHaveLength(3)
})

test('a late event does not say what the vehicle does now', async () => {
  const { accept, advance, state } = await charging()
  await accept(started({ chargingState: 'charging' }))
  await advance(120)
  await accept(event('updated', 2, { chargingState: 'suspended-ev' }))
  await accept(event('updated', 1, { chargingState: 'charging' }))
  expect(state.status).toBe('suspended-ev')
})

test('a station is asked for the events that are missing, and what is lost is said once', async () => {
  const { accept, advance, csms, lines } = await charging()
  const asked: string[] = []
  let inQueue = true
  csms.missingEvents.use((stationId, transactionId) => {
    asked.push(`${stationId}/${transactionId}`)
    return Promise.resolve(inQueue)
  })
  const lost = () => lines.filter(({ message }) => message === 'events of a transaction are lost')
  await accept(started())
  await accept(updated(2, 1_200))
  await advance(10)
  await accept(updated(1, 1_100))
  await advance(120)
  expect(asked).toEqual([])
  await accept(updated(6, 1_300))
  await advance(120)
  expect(asked).toEqual(['CP1/tx-a'])
  expect(lost()).toEqual([])
  inQueue = false
  await advance(1_300)
  expect(asked).toHaveLength(2)
  expect(lost()).toMatchObject([{ fields: { transactionId: 'tx-a', events: 3 } }])
})
