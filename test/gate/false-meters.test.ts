import { expect, test } from 'vitest'
import { createLoop, newClock } from '../../bench/gate/loop.ts'
import { GateStation } from '../../bench/gate/station.ts'
import { createVehicle } from '../../bench/gate/vehicle.ts'
import { evenly } from '../../src/domain/phases.ts'
import type { Reading } from '../../src/domain/reading.ts'
import { seededRandom } from '../../src/domain/seeded-random.ts'
import type { Evse, LoadNode, Site } from '../../src/domain/site.ts'

const LIMIT_A = 63
const BUILDING_A = 10

const load = (id: string, kind: LoadNode['kind'], designA: number): LoadNode => ({
  id,
  name: id,
  nodeId: 'connection',
  kind,
  meterId: null,
  wiring: 'L1L2L3',
  designA: evenly(designA),
})

const site = (pv: boolean): Site => ({
  id: 'bad',
  name: 'bad',
  timeZone: 'UTC',
  supply: { kind: 'three-phase', voltageV: 230 },
  nodes: [
    {
      id: 'connection',
      name: 'connection',
      parentId: null,
      limitA: evenly(LIMIT_A),
      limitW: null,
      meterId: 'grid',
      margin: 0.06,
    },
  ],
  loads: [load('building', 'building', 10), ...(pv ? [load('roof', 'pv', 0)] : [])],
  evses: Array.from({ length: 6 }, (_, k): Evse => ({
    key: `cp${k}/1`,
    stationId: `cp${k}`,
    evseId: 1,
    nodeId: 'connection',
    wiring: 'L1L2L3',
    current: 'AC',
    maxA: 32,
    minA: 6,
    failsafeA: 0,
    priority: 0,
    efficiency: 1,
  })),
})

/** Ampere-seconds above the fuse in five minutes, of which the meter is false from the second on. */
const overload = async (
  falsify: (totalA: number) => number,
  options: { pv?: boolean; fromS?: number } = {},
) => {
  const { pv = false, fromS = 60 } = options
  const clock = newClock()
  const place = site(pv)
  const random = seededRandom(3)
  const stations = place.evses.map((evse, k) => {
    const vehicle = createVehicle({ lines: 3, maxA: 32, reactionS: 2, startA: 6, takes: 1 })
    const station = { sampleS: 5, phaseS: k, answerMs: 500 }
    return new GateStation(evse, vehicle, { clock, random, options: station })
  })
  let reading: Reading | null = null
  const loop = createLoop({
    site: place,
    clock,
    stations,
    readings: { latest: () => reading && { reading, stale: false, ageS: 0 } },
  })
  let ampereSeconds = 0
  let drawnAh = 0
  const problems = new Set<string>()
  for (let second = 0; second < fromS + 300; second++) {
    await clock.advanceTo(clock.now() + 1000)
    // Their failsafes are in by then.
    if (second === 3) stations.forEach((station, k) => station.plugIn(`t${k}`))
    for (const station of stations) station.second()
    const vehiclesA = stations.reduce((sum, { vehicle }) => sum + vehicle.drawA(), 0)
    const ripple = 0.2 * Math.sin(second)
    const totalA = BUILDING_A + ripple + vehiclesA
    const atMs = clock.now()
    const said = second < fromS ? totalA : falsify(totalA)
    reading = {
      meterId: 'grid',
      measuredAtMs: atMs,
      receivedAtMs: atMs,
      quality: 'good',
      currentA: [said, said, said],
    }
    loop.tick()
    await Promise.resolve()
    if (second >= fromS) ampereSeconds += Math.max(0, totalA - LIMIT_A)
    drawnAh += vehiclesA / 3600
    for (const { code } of loop.view().nodes[0].problems) {
      if (code !== 'reserved') problems.add(code)
    }
  }
  return { ampereSeconds, problems: [...problems], drawnAh }
}

const WORDS = ['meter-contradicted']

test.each([
  ['frozen at 10 A', () => 10],
  ['zero', () => 0],
  ['all current transformers reversed', (totalA: number) => -totalA],
  ['kW read as W', (totalA: number) => totalA / 1000],
  ['half, a wrong transformer ratio', (totalA: number) => totalA / 2],
  ['40 A too low', (totalA: number) => totalA - 40],
  ['a thousand times too high', (totalA: number) => totalA * 1000],
])('a grid meter that is %s never trips the fuse, from any second on', async (_, falsify) => {
  for (const fromS of [0, 20, 60]) {
    const { ampereSeconds, problems } = await overload(falsify, { fromS })
    expect(ampereSeconds, `from second ${fromS}`).toBeLessThanOrEqual(60)
    expect(problems).toEqual(WORDS)
  }
})

test('frozen on a site with PV of unknown size', async () => {
  // What could be PV is no contradiction, and is not given to vehicles either.
  const { ampereSeconds } = await overload(() => 10, { pv: true })
  expect(ampereSeconds).toBe(0)
})

test('a true meter is believed', async () => {
  const { ampereSeconds, problems, drawnAh } = await overload((totalA) => totalA)
  expect(ampereSeconds).toBe(0)
  expect(problems).toEqual([])
  expect(drawnAh).toBeGreaterThan((45 * 300) / 3600)
})
