import { seededRandom } from '../../src/domain/seeded-random.ts'
import { reactionBoundS, type Score } from './score.ts'
import type { Scenario } from './world.ts'

/** What the worlds of the gate combine. */
const VALUES = {
  meterAgeS: [0, 2, 5, 10, 15],
  meterIntervalS: [1, 2, 5, 10, 15],
  reactionS: [1, 3, 5, 10, 20, 30],
  stepEveryS: [120, 300, 600, 900],
  vehicles: [4, 8, 12, 20],
  pvA: [0, 0, 30],
  meterSaysWhen: [false, true],
  lines: [3, 3, 1],
  sampleS: [5, 10],
} as const

const pick = <T>(values: readonly T[], random: { next(): number }): T =>
  values[Math.floor(random.next() * values.length)]

/** The connection that such a site would have: not all can charge at full power while the load is high. */
const limitOf = (vehicles: number, lines: 1 | 3): number => {
  const perLine = lines === 3 ? vehicles : Math.ceil(vehicles / 3)
  return perLine <= 4 ? 100 : perLine <= 8 ? 160 : perLine <= 12 ? 200 : 250
}

/** A world for a seed: the same one each time. */
export const scenarioOf = (seed: number, hours: number): Scenario => {
  const random = seededRandom(seed * 7919)
  const vehicles = pick(VALUES.vehicles, random)
  const lines = pick(VALUES.lines, random)
  return {
    seed,
    hours,
    vehicles,
    lines,
    limitA: limitOf(vehicles, lines),
    reactionS: pick(VALUES.reactionS, random),
    meterAgeS: pick(VALUES.meterAgeS, random),
    meterIntervalS: pick(VALUES.meterIntervalS, random),
    meterSaysWhen: pick(VALUES.meterSaysWhen, random),
    sampleS: pick(VALUES.sampleS, random),
    stepEveryS: pick(VALUES.stepEveryS, random),
    stepA: 30,
    baseA: 15,
    pvA: pick(VALUES.pvA, random),
    takes: 1,
  }
}

/** A step that alone takes a full connection beyond 113 % cannot be kept below it by anybody. */
const canStayBelow113 = ({ limitA, stepA }: Scenario): boolean =>
  0.95 * limitA + stepA <= 1.13 * limitA

const MOST_PAUSES = 2
const LEAST_JAIN = 0.95
const leastUse = (meterAgeS: number): number => (meterAgeS <= 5 ? 0.85 : 0.75)

/** What a world did not keep, in words; empty = it passed. */
export const failuresOf = (scenario: Scenario, score: Score): string[] => {
  const failures: string[] = []
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
  const boundS = reactionBoundS(scenario)
  if (canStayBelow113(scenario) && score.above113S > 0) {
    failures.push(`${score.above113S} s above 113 %`)
  }
  if (score.late113S > 0) failures.push(`${score.late113S} s above 113 % after the bound`)
  if (score.longestAboveS > boundS) {
    failures.push(`${score.longestAboveS} s above 100 % in a row, the bound is ${boundS} s`)
  }
  if (score.use < leastUse(scenario.meterAgeS)) failures.push(`use ${percent(score.use)}`)
  if (score.pauses > MOST_PAUSES) failures.push(`${score.pauses.toFixed(1)} pauses`)
  if (score.jain < LEAST_JAIN) failures.push(`Jain index ${score.jain.toFixed(3)}`)
  return failures
}
