import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createLoop, newClock } from '../../bench/gate/loop.ts'
import { GateStation } from '../../bench/gate/station.ts'
import { createVehicle } from '../../bench/gate/vehicle.ts'
import { loadConfig } from '../../src/config/load.ts'
import { createDirectPlanner } from '../../src/control/planning/planners.ts'
import { createPlanning } from '../../src/control/planning/planning.ts'
import { createPrices } from '../../src/control/planning/prices.ts'
import type { PerPhase } from '../../src/domain/phases.ts'
import { seededRandom } from '../../src/domain/seeded-random.ts'
import { createGridView } from '../../src/engine/timeline/grid-view.ts'
import { createMemoryStorage } from '../../src/storage/memory.ts'
import { recordingLog } from '../fixtures/recording-log.ts'
import { RULES_OF_CASES } from './rules-of-cases.ts'

const FIXTURE = new URL('../fixtures/cases/plan-against-priority/', import.meta.url)
const PHASE = ['L1', 'L2', 'L3']

test('plan-against-priority: the plan serves priority first and loses no energy', async () => {
  const { site } = loadConfig(new URL('site.yaml', FIXTURE).pathname)
  const { cars } = JSON.parse(readFileSync(new URL('timeline.json', FIXTURE), 'utf8')) as {
    cars: { station: string; lines: 1 | 3; maxA: number; delayS: number }[]
  }
  const clock = newClock()
  const random = seededRandom(11)
  const { log } = recordingLog()
  const view = createGridView(site, [1, 0.7, 0.4, 0])
  const planning = createPlanning({
    site,
    currency: 'EUR',
    view,
    planner: createDirectPlanner(),
    prices: createPrices([]),
    demand: () => [],
    clock,
    storage: createMemoryStorage({ log }),
    fabric: { publish: () => {}, subscribe: () => () => {} },
    log,
    everyMs: 300_000,
    rules: RULES_OF_CASES,
    settings: { stepS: 900, horizonS: 86_400, defaultEnergyWh: 30_000, defaultStayMs: 28_800_000 },
    calendar: { offsetMs: () => 0, isHoliday: () => false },
  })
  const stations = site.evses.map((evse, k) => {
    const { lines, maxA, delayS } = cars.find(({ station }) => station === evse.stationId)!
    const vehicle = createVehicle({ lines, maxA, reactionS: delayS, startA: 6, takes: 1 })
    const options = { sampleS: 2, phaseS: k, answerMs: 300 }
    const station = new GateStation(evse, vehicle, { clock, random, options })
    station.inSitePhases = (): PerPhase => {
      const amps = vehicle.drawA()
      if (lines === 3) return [amps, amps, amps]
      const line = PHASE.indexOf(evse.wiring)
      return [0, 1, 2].map((p) => (p === line ? amps : 0)) as unknown as PerPhase
    }
    return station
  })
  const readings = { latest: () => null }
  const loop = createLoop({ site, clock, stations, readings, rules: RULES_OF_CASES, planning })
  for (let second = 0; second < 400; second++) {
    await clock.advanceTo(clock.now() + 1000)
    if (second === 4) {
      stations.forEach((station, k) => {
        station.plugIn(`t${k}`)
        station.session = { ...station.session!, priority: station.evse.priority }
      })
    }
    for (const station of stations) station.second()
    loop.tick()
    await Promise.resolve()
    const [one, two, three] = stations.map(({ vehicle }) => vehicle.drawA())
    expect(one + two + three).toBeLessThanOrEqual(30)
    if (second < 30) continue
    expect(one, `second ${second}`).toBe(16)
    expect(Math.min(two, three)).toBeGreaterThanOrEqual(6)
    expect(0.23 * (3 * one + 3 * two + three)).toBeGreaterThanOrEqual(16)
  }
})
