import { afterEach, beforeEach, expect, test } from 'vitest'
import { seededRandom } from '../../src/domain/seeded-random.ts'
import { startScenario, type Scenario } from '../../src/sim/scenario.ts'
import { recordingLog } from '../fixtures/recording-log.ts'
import { evse, load, node, site } from '../unit/sim/site.ts'
import { fastClock, startCsms, until, type TestCsms } from './sim-csms.ts'

const SITE = site({
  nodes: [node('main'), node('garage', { parentId: 'main' })],
  loads: [load('hall'), load('roof', { kind: 'pv', designA: [0, 0, 0] })],
  evses: [
    ...[1, 2, 3].map((i) => evse(`old-${i}`, 1, { nodeId: 'garage' })),
    ...[1, 2].map((i) => evse('new-1', i, { nodeId: 'garage', wiring: 'L2L3L1' })),
  ],
})

let csms: TestCsms
let scenario: Scenario
const clock = fastClock()
beforeEach(async () => {
  csms = await startCsms(['ocpp2.0.1', 'ocpp1.6'])
  scenario = startScenario({
    site: SITE,
    settings: {
      timeOfDay: '11:00',
      date: '2026-06-15',
      initialVehicles: 4,
      stations: { 'new-1': { protocol: 'ocpp2.0.1' }, '*': { meterIntervalS: 5 } },
    },
    ocppUrl: csms.url,
    password: (id) => `${id}-secret`,
    clock,
    random: seededRandom(1),
    log: recordingLog().log,
  })
})
afterEach(async () => {
  await scenario.stop()
  await csms.stop()
})

test('within a minute several vehicles charge, in both versions, and the meters see them', async () => {
  const startMs = clock.now()
  const charging = () =>
    [...scenario.chargePoints.values()].flatMap(({ station }) =>
      station.ports.filter((port) => port.powerW > 1000),
    )
  await until(() => scenario.stays().length === 4)
  await until(() => charging().length >= 3)
  // With room for a machine that is busy with other tests.
  expect(clock.now() - startMs).toBeLessThan(120_000)
  expect(csms.requests).toHaveLength(4)
  const authorized = csms.requests.map((request) => request.headers.authorization)
  expect(authorized).toContain(`Basic ${Buffer.from('new-1:new-1-secret').toString('base64')}`)
  await until(() => csms.of('StartTransaction').length + csms.of('TransactionEvent').length >= 3)

  const { nodes, loads } = scenario.meters
  const [main, garage] = ['main', 'garage'].map((id) => nodes.get(id)!())
  const [hall, roof] = ['hall', 'roof'].map((id) => loads.get(id)!())
  expect(garage.powerW).toBeGreaterThan(3000)
  expect(main.powerW).toBeCloseTo(garage.powerW + hall.powerW + roof.powerW)
  expect(hall.powerW).toBeGreaterThan(5000)
  expect(roof.powerW).toBeLessThan(-1000)
  const sumA = (index: 0 | 1 | 2) => [garage, hall, roof].reduce((sum, each) => sum + each.currentA[index], 0) // prettier-ignore
  for (const phase of [0, 1, 2] as const) expect(main.currentA[phase]).toBeCloseTo(sumA(phase))
  expect(csms.violations).toEqual([])
})

test('stop ends every connection and every timer', async () => {
  await until(() => csms.of('BootNotification').length === 4)
  await scenario.stop()
  await until(() => !csms.connected())
  const before = csms.received.length
  const powerW = scenario.meters.nodes.get('main')!().powerW
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(csms.received).toHaveLength(before)
  expect(scenario.meters.nodes.get('main')!().powerW).toBe(powerW)
})
