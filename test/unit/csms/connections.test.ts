import { expect, test } from 'vitest'
import { BOOT, createWorld, settle } from './harness.ts'

const boot = (status: string) => expect.objectContaining({ status })

test('a known station is accepted, with an interval near the one that is set', async () => {
  const { csms, connect } = await createWorld({ heartbeatIntervalS: 300 })
  connect('CP1')
  const answer = csms.connections.boot('CP1', BOOT)
  expect(answer.status).toBe('accepted')
  expect(answer.intervalS).toBeGreaterThanOrEqual(270)
  expect(answer.intervalS).toBeLessThanOrEqual(300)
  expect(csms.stations.get('CP1')).toMatchObject({ boot: 'accepted', online: true, vendor: 'Acme' })
})

test('intervals differ, so that a fleet does not beat as one', async () => {
  const { csms, connect } = await createWorld({ heartbeatIntervalS: 300 })
  connect('CP1')
  const intervals = new Set(
    Array.from({ length: 20 }, () => csms.connections.boot('CP1', BOOT).intervalS),
  )
  expect(intervals.size).toBeGreaterThan(5)
})

test.each([
  ['BootNotification', true],
  ['Heartbeat', false],
  ['StartTransaction', false],
  ['Authorize', false],
])('before its first boot a known station may send %s: %s', async (action, allowed) => {
  const { csms, connect } = await createWorld()
  connect('CP1')
  expect(csms.connections.allowed('CP1', action)).toBe(allowed)
})

test('a station that was accepted before goes on without a boot', async () => {
  const world = await createWorld()
  world.ready('CP1')
  const { csms, connect } = await world.restart()
  connect('CP1')
  expect(csms.fleet.states()[0].ready).toBe(false)
  expect(csms.connections.allowed('CP1', 'MeterValues')).toBe(true)
  expect(csms.fleet.states()[0].ready).toBe(true)
  expect(csms.stations.get('CP1').boot).toBe('accepted')
})

test('a known station that keeps silent goes on after half a minute', async () => {
  const { csms, connect, advance } = await createWorld()
  connect('CP1')
  await advance(25)
  expect(csms.stations.get('CP1').boot).toBe('waiting')
  await advance(10)
  expect(csms.stations.get('CP1').boot).toBe('accepted')
  expect(csms.connections.allowed('CP1', 'Heartbeat')).toBe(true)
})

test('a station that was accepted before is commanded at once after a silent reconnect', async () => {
  const world = await createWorld()
  world.ready('CP1')
  const { csms, connect, advance } = world
  const asked: string[] = []
  await advance(5)
  csms.setup.use((stationId, reason) => {
    asked.push(`${stationId} ${reason}`)
    return Promise.resolve()
  })
  await advance(5)
  asked.length = 0
  connect('CP1')
  await advance(2)
  expect(csms.fleet.states()[0].ready).toBe(true)
  await advance(20)
  expect(asked).toEqual([])
  await advance(15)
  expect(asked).toEqual(['CP1 resume'])
})

test('each connection and each boot gives EVSEs a new generation', async () => {
  const { csms, ready, connect } = await createWorld()
  ready('CP1')
  const first = csms.fleet.states()[0].generation
  connect('CP1')
  const second = csms.fleet.states()[0].generation
  csms.connections.boot('CP1', BOOT)
  const third = csms.fleet.states()[0].generation
  expect(second).toBeGreaterThan(first)
  expect(third).toBeGreaterThan(second)
})

test('the end of an old socket does not end the new one', async () => {
  const { csms, connect, ready } = await createWorld()
  connect('CP1')
  ready('CP1')
  csms.connections.disconnected('CP1', 1)
  expect(csms.stations.get('CP1').online).toBe(true)
  csms.connections.disconnected('CP1', 2)
  expect(csms.stations.get('CP1')).toMatchObject({ online: false, boot: 'offline' })
  expect(csms.fleet.states()[0].ready).toBe(false)
  expect(csms.connections.allowed('CP1', 'Heartbeat')).toBe(false)
})

test('an unknown station is visible and powerless', async () => {
  const { csms, connect, storage } = await createWorld()
  expect(connect('STRANGER')).toBe(true)
  expect(csms.connections.boot('STRANGER', BOOT)).toEqual({ status: 'rejected', intervalS: 3_600 })
  expect(csms.stations.get('STRANGER')).toMatchObject({ state: 'quarantined', vendor: 'Acme' })
  expect(csms.connections.allowed('STRANGER', 'StartTransaction')).toBe(false)
  expect(csms.connections.allowed('STRANGER', 'Heartbeat')).toBe(false)
  expect(csms.connections.allowed('STRANGER', 'Authorize')).toBe(true)
  const station = csms.stations.mustFind('STRANGER')
  expect(csms.authorization.authorize(station, 'TAG').status).toBe('invalid')
  await settle()
  expect(storage.rows('station')).toMatchObject([{ stationId: 'STRANGER', state: 'quarantined' }])
})

test('an unknown station stays quarantined however long it waits, and after a restart', async () => {
  const world = await createWorld()
  world.connect('STRANGER')
  await world.advance(120)
  expect(world.csms.stations.get('STRANGER').boot).toBe('waiting')
  const { csms } = await world.restart()
  expect(csms.stations.get('STRANGER').state).toBe('quarantined')
})

test('unknown stations can be refused, and quarantine has a bound', async () => {
  const strict = await createWorld({ unknownStations: 'refuse' })
  expect(strict.connect('STRANGER')).toBe(false)
  const small = await createWorld({ maxQuarantined: 2 })
  expect(['A', 'B', 'C'].map((id) => small.connect(id))).toEqual([true, true, false])
  expect(small.lines).toContainEqual(
    expect.objectContaining({ message: 'an unknown station was refused: quarantine is full' }),
  )
})

test('made-up names fill neither the quarantine nor the disk nor the log', async () => {
  const world = await createWorld({ maxQuarantined: 20 })
  const { connect, csms, lines, storage } = world
  for (let i = 0; i < 500; i++) {
    const stationId = `MADE-UP-${i}`
    expect(connect(stationId)).toBe(true)
    const { connection } = csms.stations.mustFind(stationId)
    csms.connections.disconnected(stationId, connection?.generation ?? 0)
  }
  expect(connect('REAL')).toBe(true)
  expect(csms.stations.get('REAL').state).toBe('quarantined')
  const strangers = csms.stations.list().filter(({ state }) => state === 'quarantined')
  expect(strangers).toHaveLength(20)
  expect(lines.filter(({ message }) => message.includes('unknown station'))).toHaveLength(10)
  const { csms: later, connect: connectLater } = await world.restart()
  expect(storage.rows('station')).toHaveLength(20)
  expect(later.stations.list().filter(({ state }) => state === 'quarantined')).toHaveLength(0)
  expect(connectLater('REAL')).toBe(true)
})

test('an adopted station is let in with its password, and stays powerless without EVSEs', async () => {
  const world = await createWorld()
  world.connect('NEW')
  const view = await world.csms.stations.adopt('NEW', { passwordHash: 'hash' }, 'ann')
  expect(view.state).toBe('adopted')
  expect(world.closed).toEqual([{ stationId: 'NEW', code: 1012 }])
  expect(world.storage.rows('audit')).toMatchObject([{ actor: 'ann', action: 'station.adopt' }])

  const { csms, connect } = await world.restart()
  expect(csms.stations.credentials('NEW')).toMatchObject({
    state: 'adopted',
    passwordHashes: ['hash'],
  })
  connect('NEW')
  expect(csms.connections.boot('NEW', BOOT)).toEqual(boot('accepted'))
  const station = csms.stations.mustFind('NEW')
  expect(csms.authorization.authorize(station, 'TAG').status).toBe('invalid')
})

test('a removed station is turned away; a configured one cannot be removed here', async () => {
  const { csms, connect } = await createWorld()
  connect('NEW')
  await csms.stations.remove('NEW', 'ann')
  expect(connect('NEW')).toBe(false)
  await expect(csms.stations.remove('CP1', 'ann')).rejects.toMatchObject({ code: 'conflict' })
  await expect(csms.stations.adopt('NOBODY', { passwordHash: null }, 'ann')).rejects.toMatchObject({
    code: 'not-found',
  })
})

test('the password of an adoption ends when the configuration takes the station over', async () => {
  const world = await createWorld()
  world.connect('NEW')
  await world.csms.stations.adopt('NEW', { passwordHash: 'adopted' }, 'ann')
  const stations = [{ stationId: 'NEW', protocols: [], passwordHashes: ['configured'] }]
  const site = { ...world.options.site, evses: [] }
  const { csms } = await createWorld({ ...world.options, site, stations }, world.storage)
  expect(csms.stations.credentials('NEW')).toMatchObject({
    state: 'known',
    passwordHashes: ['configured'],
  })
})

test('what is refused changes nothing: the password of a configured station stays', async () => {
  const { csms } = await createWorld()
  const adopted = csms.stations.adopt('CP1', { passwordHash: 'another' }, 'ann')
  await expect(adopted).rejects.toMatchObject({ code: 'conflict' })
  expect(csms.stations.credentials('CP1').passwordHashes).toEqual([])
})

test('a station that has left the configuration is quarantined after the restart', async () => {
  const world = await createWorld()
  world.ready('CP2')
  await settle()
  const without = { ...world.options, clock: world.clock, storage: world.storage }
  const { csms } = await createWorld(
    {
      ...without,
      site: { ...world.options.site, evses: [] },
      stations: [],
    },
    world.storage,
    world.clock,
  )
  expect(csms.stations.get('CP2').state).toBe('quarantined')
})

test('boots are put off while too many set-ups wait', async () => {
  const { csms, ready, connect, advance } = await createWorld({
    admission: { maxConcurrent: 1, maxWaiting: 1, pendingIntervalS: 60 },
  })
  csms.setup.use(() => new Promise(() => {}))
  ready('CP1')
  await advance(2)
  ready('CP2')
  connect('CP1')
  const answer = csms.connections.boot('CP1', BOOT)
  expect(answer.status).toBe('pending')
  expect(answer.intervalS).toBeGreaterThanOrEqual(30)
  expect(answer.intervalS).toBeLessThanOrEqual(90)
  expect(csms.connections.allowed('CP1', 'Heartbeat')).toBe(false)
  expect(csms.connections.allowed('CP1', 'NotifyReport')).toBe(true)
  expect(csms.fleet.states()[0].ready).toBe(false)
})

test('an operator can hold the boots of a station', async () => {
  const { csms, connect } = await createWorld()
  connect('CP1')
  await csms.stations.holdBoot('CP1', 'pending', 'ann')
  expect(csms.connections.boot('CP1', BOOT)).toEqual(boot('pending'))
  await csms.stations.holdBoot('CP1', 'rejected', 'ann')
  expect(csms.connections.boot('CP1', BOOT)).toEqual(boot('rejected'))
  await csms.stations.holdBoot('CP1', null, 'ann')
  expect(csms.connections.boot('CP1', BOOT)).toEqual(boot('accepted'))
})

test('what was learned of a station survives, and shapes its EVSEs', async () => {
  const world = await createWorld()
  world.ready('CP1')
  const profile = { ...world.csms.fleet.states()[0].capability, maxStackLevel: 7 }
  const learned = { firmware: 'x', profile, measurands: 'SoC', tried: [], resetSent: false }
  world.csms.stations.learn(world.csms.stations.mustFind('CP1'), learned)
  expect(world.csms.fleet.states()[1].capability.maxStackLevel).toBe(7)
  const { csms } = await world.restart()
  expect(csms.fleet.states().map((state) => state.capability.maxStackLevel)).toEqual([7, 7, 0])
  expect(csms.stations.get('CP1')).toMatchObject({ vendor: 'Acme', firmware: '1.0' })
})

test('changes of a station are published', async () => {
  const { csms, ready, changes } = await createWorld()
  ready('CP1')
  csms.connections.disconnected('CP1', 1)
  const seen = changes.filter(({ kind, id }) => kind === 'station' && id === 'CP1')
  expect(seen.map(({ data }) => (data as { boot: string }).boot)).toEqual([
    'waiting',
    'accepted',
    'offline',
  ])
})
