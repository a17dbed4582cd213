import { times, type PerPhase } from '../../../../src/domain/phases.ts'
import { atDeltaSide } from '../../../../src/domain/wiring.ts'
import type {
  PlanBattery,
  PlanNode,
  PlanProblem,
  PlanSolution,
} from '../../../../src/engine/plan/problem.ts'

/**
 * An independent reading of the limits, in watts and amperes with true phasor magnitudes: what a
 * meter would see. Limits that are violated with nothing planned are skipped (they are soft).
 */

const TOLERANCE = 1e-6

interface Device {
  readonly node: number
  readonly re: PerPhase
  readonly im: PerPhase
  readonly watts: Float64Array
}

const devicesOf = (problem: PlanProblem, solution: PlanSolution): Device[] =>
  [
    ...problem.evs.map((ev, i) => ({ ...ev, watts: solution.evW[i] })),
    ...problem.batteries.map((battery, i) => ({ ...battery, watts: solution.batteryW[i] })),
  ].map(({ node, line, wattsPerAmp, watts }) => ({
    node,
    re: times(line.re, 1 / wattsPerAmp),
    im: times(line.im, 1 / wattsPerAmp),
    watts,
  }))

const isBelow = (nodes: readonly PlanNode[], node: number, ancestor: number): boolean => {
  for (let n = node; n >= 0; n = nodes[n].parent) if (n === ancestor) return true
  return false
}

const evFaults = (problem: PlanProblem, solution: PlanSolution): string[] =>
  problem.evs.flatMap((ev, i) => {
    const faults: string[] = []
    let energyWh = 0
    solution.evW[i].forEach((watts, t) => {
      energyWh += (watts * problem.stepS) / 3600
      const isThere = t >= ev.arrive && t < ev.depart
      const limitA = isThere ? Math.min(ev.maxA, ev.capA?.[t] ?? Infinity) : 0
      if (!(watts >= 0 && watts <= Math.max(0, limitA) * ev.wattsPerAmp * (1 + TOLERANCE))) {
        faults.push(`${ev.id} draws ${watts} W at ${t}`)
      }
    })
    if (energyWh > ev.needWh * (1 + TOLERANCE)) faults.push(`${ev.id} gets ${energyWh} Wh`)
    const missing = Math.max(0, ev.needWh - energyWh)
    if (Math.abs(missing - solution.unservedWh[i]) > 1e-3) {
      faults.push(`${ev.id} misses ${missing} Wh, said ${solution.unservedWh[i]}`)
    }
    return faults
  })

const batteryFaults = (battery: PlanBattery, watts: Float64Array, stepS: number): string[] => {
  const faults: string[] = []
  const low = Math.min(battery.minEnergyWh, battery.energyWh)
  const high = Math.max(battery.maxEnergyWh, battery.energyWh)
  let content = battery.energyWh
  watts.forEach((power, t) => {
    const isThere = t >= battery.arrive && t < battery.depart
    if (power > (isThere ? battery.maxChargeW : 0) * (1 + TOLERANCE)) {
      faults.push(`${battery.id} charges ${power} W at ${t}`)
    }
    if (-power > (isThere ? battery.maxDischargeW : 0) * (1 + TOLERANCE)) {
      faults.push(`${battery.id} discharges ${-power} W at ${t}`)
    }
    const factor = power > 0 ? battery.chargeEfficiency : 1 / battery.dischargeEfficiency
    content += (power * factor * stepS) / 3600
    if (content < low - 1e-3 || content > high + 1e-3) {
      faults.push(`${battery.id} holds ${content} Wh at ${t}`)
    }
  })
  return faults
}

const nodeFaults = (problem: PlanProblem, devices: readonly Device[], n: number): string[] => {
  const faults: string[] = []
  const { capA, capW, exportCapW, exportCapA, id, deltaRatio = null } = problem.nodes[n]
  const below = devices
    .filter(({ node }) => isBelow(problem.nodes, node, n))
    .map((device) =>
      deltaRatio === null ? device : { ...device, ...atDeltaSide(device, deltaRatio) },
    )
  const over = (value: number, limit: number): boolean =>
    limit >= 0 && value > limit * (1 + TOLERANCE) + TOLERANCE
  for (let t = 0; t < problem.steps; t++) {
    const totalW = below.reduce((total, { watts }) => total + watts[t], 0)
    if (capW !== null && over(totalW, capW[t])) faults.push(`${id} draws ${totalW} W at ${t}`)
    if (exportCapW !== null && over(-totalW, exportCapW[t])) {
      faults.push(`${id} feeds ${-totalW} W at ${t}`)
    }
    for (const [line, drawA] of (capA ?? []).entries()) {
      const re = below.reduce((total, device) => total + device.re[line] * device.watts[t], 0)
      const im = below.reduce((total, device) => total + device.im[line] * device.watts[t], 0)
      const limitA = (re < 0 ? (exportCapA?.[line] ?? drawA) : drawA)[t]
      if (over(Math.hypot(re, im), limitA)) {
        faults.push(`${id} L${line + 1} carries ${Math.hypot(re, im)} A of ${limitA} A at ${t}`)
      }
    }
  }
  return faults
}

const imbalanceFaults = (problem: PlanProblem, devices: readonly Device[]): string[] => {
  const faults: string[] = []
  if (problem.imbalance === null) return faults
  const { limitA, baseA } = problem.imbalance
  for (let t = 0; t < problem.steps; t++) {
    const planned = [0, 1, 2].map((line) =>
      devices.reduce((total, device) => total + device.re[line] * device.watts[t], 0),
    )
    for (const [a, b] of [0, 1, 2].flatMap((x) => [0, 1, 2].map((y) => [x, y]))) {
      const base = baseA[a][t] - baseA[b][t]
      const difference = base + planned[a] - planned[b]
      if (base <= limitA && difference > limitA + 1e-5) {
        faults.push(`L${a + 1} is ${difference} A above L${b + 1} at ${t}`)
      }
    }
  }
  return faults
}

/** Everything that a plan does wrong, in words; empty when it is feasible to 1e-6. */
export const faultsOf = (problem: PlanProblem, solution: PlanSolution): string[] => {
  const devices = devicesOf(problem, solution)
  return [
    ...evFaults(problem, solution),
    ...problem.batteries.flatMap((battery, i) =>
      batteryFaults(battery, solution.batteryW[i], problem.stepS),
    ),
    ...problem.nodes.flatMap((_, n) => nodeFaults(problem, devices, n)),
    ...imbalanceFaults(problem, devices),
  ]
}
