import type { LatestReading } from '../../src/ports/readings.ts'
import type { GateStation } from './station.ts'
import type { Scenario } from './world.ts'

/** A simple controller in the place of the product: sets the limits of all stations. */
export type Rule = (view: {
  readonly second: number
  readonly scenario: Scenario
  readonly stations: readonly GateStation[]
  readonly meter: LatestReading | null
}) => void

const MARGIN = 0.05
const EVERY_S = 5

/** What the newest readings leave for the vehicles, amperes of the worst line. */
const room = (
  scenario: Scenario,
  stations: readonly GateStation[],
  meter: LatestReading,
): number => {
  const total = Math.max(...(meter.reading.currentA ?? [Infinity]))
  const drawn = [0, 1, 2].map((line) =>
    stations.reduce((sum, { measured }) => sum + (measured?.currentA?.[line] ?? 0), 0),
  )
  return scenario.limitA * (1 - MARGIN) - (total - Math.max(...drawn))
}

const perLineCount = ({ vehicles, lines }: Scenario): number =>
  lines === 3 ? vehicles : Math.ceil(vehicles / 3)

/** Round robin: as many as fit with 6 A take turns of 15 minutes, what is left is shared evenly. */
export const roundRobin: Rule = ({ second, scenario, stations, meter }) => {
  if (second % EVERY_S !== 0 || !meter) return
  const free = room(scenario, stations, meter)
  const perLine = perLineCount(scenario)
  const fit = Math.max(0, Math.min(perLine, Math.floor(free / 6)))
  const groups = stations.length / perLine
  const turn = Math.floor(second / 900)
  const share = fit === 0 ? 0 : Math.floor(free / fit)
  stations.forEach((station, k) => {
    const place = (Math.floor(k / groups) + turn) % perLine
    station.direct = place < fit ? share : 0
    station.commands++
  })
}

/** Least laxity first: who has had least takes all that it can. */
export const leastServedFirst = (): Rule => {
  const had = new Map<GateStation, number>()
  return ({ second, scenario, stations, meter }) => {
    for (const station of stations) {
      had.set(station, (had.get(station) ?? 0) + station.vehicle.drawA())
    }
    if (second % EVERY_S !== 0 || !meter) return
    const groups = scenario.lines === 3 ? 1 : 3
    for (let group = 0; group < groups; group++) {
      let free = room(scenario, stations, meter)
      const own = stations.filter((_, k) => groups === 1 || k % 3 === group)
      own.sort((a, b) => had.get(a)! - had.get(b)!)
      for (const station of own) {
        const amps = Math.min(Math.floor(free), station.vehicle.options.maxA)
        station.direct = amps >= 6 ? amps : 0
        station.commands++
        if (amps >= 6) free -= amps
      }
    }
  }
}
