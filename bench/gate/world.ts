import type { SiteView } from '../../src/control/view.ts'
import { evenly, PHASES, plus, type PerPhase } from '../../src/domain/phases.ts'
import { seededRandom } from '../../src/domain/seeded-random.ts'
import type { Evse, Site } from '../../src/domain/site.ts'
import { createLoop, newClock } from './loop.ts'
import type { Rule } from './rules.ts'
import { createScore, type Score } from './score.ts'
import { GateStation } from './station.ts'
import { createBuilding, createMeter } from './surroundings.ts'
import { createVehicle } from './vehicle.ts'

/** One world of the gate: everything that differs from site to site. */
export interface Scenario {
  readonly seed: number
  readonly hours: number
  readonly vehicles: number
  readonly lines: 1 | 3
  readonly limitA: number
  readonly reactionS: number
  readonly meterAgeS: number
  readonly meterIntervalS: number
  readonly meterSaysWhen: boolean
  readonly sampleS: number
  /** Mean time between building steps of `stepA`; 0 = none. */
  readonly stepEveryS: number
  readonly stepA: number
  readonly baseA: number
  readonly pvA: number
  readonly takes: number
}

/** Looks at each second of a run. */
export type Watch = (now: {
  readonly second: number
  readonly loadA: PerPhase
  readonly totalA: PerPhase
  readonly stations: readonly GateStation[]
  readonly view: SiteView
}) => void

const MARGIN = 0.05

const siteOf = ({ vehicles, lines, limitA, baseA, stepA, pvA }: Scenario): Site => ({
  id: 'gate',
  name: 'gate',
  timeZone: 'UTC',
  supply: { kind: 'three-phase', voltageV: 230 },
  nodes: [
    {
      id: 'connection',
      name: 'connection',
      parentId: null,
      limitA: evenly(limitA),
      limitW: null,
      meterId: 'grid',
      margin: MARGIN,
    },
  ],
  loads: [
    {
      id: 'building',
      name: 'building',
      nodeId: 'connection',
      kind: 'building',
      meterId: null,
      wiring: 'L1L2L3',
      designA: evenly(Math.min(limitA, baseA + stepA)),
    },
    ...(pvA > 0
      ? [
          {
            id: 'roof',
            name: 'roof',
            nodeId: 'connection',
            kind: 'pv' as const,
            meterId: null,
            wiring: 'L1L2L3' as const,
            designA: evenly(0),
            exportA: evenly(pvA),
          },
        ]
      : []),
  ],
  evses: Array.from({ length: vehicles }, (_, k): Evse => ({
    key: `cp${k}/1`,
    stationId: `cp${k}`,
    evseId: 1,
    nodeId: 'connection',
    wiring: lines === 3 ? 'L1L2L3' : PHASES[k % 3],
    current: 'AC',
    maxA: 32,
    minA: 6,
    failsafeA: 0,
    priority: 0,
    efficiency: 1,
  })),
})

/**
 * Runs one world under the production control loop, or under a simple rule in its place, and says how
 * it went.
 */
export const runScenario = async (
  scenario: Scenario,
  rule: Rule | null = null,
  watch?: Watch,
): Promise<Score> => {
  const random = seededRandom(scenario.seed)
  const clock = newClock()
  const site = siteOf(scenario)
  const building = createBuilding({ ...scenario }, random)
  const meter = createMeter(
    {
      ageS: scenario.meterAgeS,
      intervalS: scenario.meterIntervalS,
      saysWhen: scenario.meterSaysWhen,
    },
    'grid',
    () => clock.now(),
  )
  const stations = site.evses.map((evse, k) => {
    const options = {
      reactionS: scenario.reactionS,
      lines: scenario.lines,
      maxA: scenario.lines === 3 ? 16 : 32,
      startA: 6,
      takes: scenario.takes,
    }
    const station = { sampleS: scenario.sampleS, phaseS: k, answerMs: 900 }
    return new GateStation(evse, createVehicle(options), { clock, random, options: station })
  })
  const drawn = (station: GateStation): PerPhase => {
    const amps = station.drawnA()
    if (scenario.lines === 3) return amps
    const line = PHASES.indexOf(station.evse.wiring as 'L1')
    return [0, 1, 2].map((k) => (k === line ? amps[0] : 0)) as unknown as PerPhase
  }
  // Stations report in the site's phases, as the central system hands them on.
  for (const station of stations) station.inSitePhases = () => drawn(station)

  const controller = createLoop({ site, clock, stations, readings: meter.readings })
  const score = createScore(scenario, stations.length)
  stations.forEach((station, k) => station.plugIn(`t${k}`))

  for (let second = 0; second < scenario.hours * 3600; second++) {
    await clock.advanceTo(clock.now() + 1000)
    building.second()
    for (const station of stations) station.second()
    const loadA = building.loadA()
    const totalA = stations.map(drawn).reduce(plus, loadA)
    meter.second(totalA)
    if (rule) rule({ second, scenario, stations, meter: meter.readings.latest('grid') })
    else controller.tick()
    await Promise.resolve()
    score.second({ second, loadA, totalA, stations, drawn })
    watch?.({ second, loadA, totalA, stations, view: controller.view() })
  }
  return score.result(stations.reduce((sum, { commands }) => sum + commands, 0))
}
