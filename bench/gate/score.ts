import type { PerPhase } from '../../src/domain/phases.ts'
import type { GateStation } from './station.ts'
import type { Scenario } from './world.ts'

/** How a world went. Shares are of 1. */
export interface Score {
  /** Seconds in which a line of the connection carried more than its limit, or 113 % of it. */
  readonly aboveS: number
  readonly above113S: number
  /** As `above113S`, without the time in which nothing could have been done yet. */
  readonly late113S: number
  /** The longest time above 100 % without a further rise of the uncontrolled load. */
  readonly longestAboveS: number
  readonly worst: number
  /** Energy drawn, of what was free for it and could have been taken. */
  readonly use: number
  /** Pauses per vehicle and hour while 6 A for each would have fitted. */
  readonly pauses: number
  /** Jain's index of the energies. */
  readonly jain: number
  /** Profiles per station and hour. */
  readonly messages: number
}

interface Second {
  readonly second: number
  readonly loadA: PerPhase
  readonly totalA: PerPhase
  readonly stations: readonly GateStation[]
  readonly drawn: (station: GateStation) => PerPhase
}

/** How long a rise may stay uncorrected: until it is measured, told, and followed. */
export const reactionBoundS = (scenario: Scenario): number =>
  scenario.meterAgeS + scenario.meterIntervalS + scenario.reactionS + 2

/** Nothing is judged before the vehicles have begun. */
const WARM_UP_S = 120
const NEW_CAUSE_A = 1

export const createScore = (scenario: Scenario, count: number) => {
  const { limitA, lines } = scenario
  const boundS = reactionBoundS(scenario)
  const energy = new Float64Array(count)
  const wasOn = new Uint8Array(count)
  let aboveS = 0
  let above113S = 0
  let late113S = 0
  let stretch = 0
  let highestA = Infinity
  let longest = 0
  let worst = 0
  let drawnSum = 0
  let freeSum = 0
  let pauses = 0
  /** Lowest room for vehicles of the last minute: a pause may answer what is over by now. */
  const rooms: number[] = []

  return {
    second: ({ second, loadA, totalA, stations, drawn }: Second): void => {
      const loading = Math.max(...totalA) / limitA
      const roomA = limitA - Math.max(...loadA)
      rooms.push(roomA)
      if (rooms.length > 60) rooms.shift()
      if (second < WARM_UP_S) return
      worst = Math.max(worst, loading)
      // A load that goes on rising is a new cause each time.
      const loadNow = Math.max(...loadA)
      const hasNewCause = loadNow > highestA + NEW_CAUSE_A
      stretch = loading > 1.001 ? (hasNewCause ? 1 : stretch + 1) : 0
      highestA = stretch === 0 ? Infinity : stretch === 1 ? loadNow : Math.max(highestA, loadNow)
      longest = Math.max(longest, stretch)
      if (loading > 1.001) aboveS++
      if (loading > 1.13) above113S++
      if (loading > 1.13 && stretch > boundS) late113S++
      const perLine = [0, 0, 0]
      const couldTake = [0, 0, 0]
      stations.forEach((station, k) => {
        const amps = drawn(station)
        energy[k] += Math.max(...amps)
        const on = Math.max(...amps) >= 5 ? 1 : 0
        const usedLines = lines === 3 ? 3 : 1
        const fits = Math.min(...rooms) * 0.95 >= (6 * count) / (usedLines === 3 ? 1 : 3) + 2
        if (wasOn[k] === 1 && on === 0 && fits) pauses++
        wasOn[k] = on
        for (let line = 0; line < 3; line++) {
          perLine[line] += amps[line]
          if (lines === 3 || station.evse.wiring === `L${line + 1}`) {
            couldTake[line] += Math.min(station.vehicle.options.maxA, station.evse.maxA)
          }
        }
      })
      for (let line = 0; line < 3; line++) {
        drawnSum += perLine[line]
        freeSum += Math.max(0, Math.min(couldTake[line] * scenario.takes, limitA - loadA[line]))
      }
    },
    result: (commands: number): Score => {
      const sum = energy.reduce((a, b) => a + b, 0)
      const squares = energy.reduce((a, b) => a + b * b, 0)
      return {
        aboveS,
        above113S,
        late113S,
        longestAboveS: longest,
        worst,
        use: drawnSum / freeSum,
        pauses: pauses / count / scenario.hours,
        jain: squares === 0 ? 0 : (sum * sum) / (count * squares),
        messages: commands / count / scenario.hours,
      }
    },
  }
}
