import { AppError } from '../../errors.ts'
import type { PlanBattery, PlanEv, PlanProblem, PlanSetpoint } from './problem.ts'

/**
 * Refuses a problem that no solver could read: wrong lengths, indices out of range, values that
 * are not numbers. Impossible wishes are not refused (see problem.ts: there is always an answer).
 */

const refuse = (where: string, what: string): never => {
  throw new AppError('invariant-broken', `plan problem: ${where} ${what}`)
}

const series = (where: string, values: Float64Array | null, steps: number): void => {
  if (values === null) return
  if (values.length !== steps) refuse(where, `has ${values.length} values, must have ${steps}`)
  const bad = values.findIndex((value) => !(Math.abs(value) < 1e12))
  if (bad >= 0) refuse(`${where}[${bad}]`, `is ${values[bad]}, must be a finite number below 1e12`)
}

const atLeast = (where: string, value: number, least: number): void => {
  if (!(value >= least && value < 1e12)) refuse(where, `is ${value}, must be at least ${least}`)
}

const window = (where: string, device: PlanEv | PlanBattery, problem: PlanProblem): void => {
  const { node, arrive, depart } = device
  if (!(Number.isInteger(node) && node >= 0 && node < problem.nodes.length)) {
    refuse(`${where}.node`, `is ${node}, must be an index into nodes`)
  }
  if (!Number.isInteger(arrive) || !Number.isInteger(depart)) {
    refuse(where, `has the window [${arrive}, ${depart}), must be whole steps`)
  }
  if (arrive < 0 || depart > problem.steps || arrive > depart) {
    refuse(where, `has the window [${arrive}, ${depart}), must lie within 0..${problem.steps}`)
  }
}

const checkEv = (where: string, ev: PlanEv, problem: PlanProblem): void => {
  window(where, ev, problem)
  atLeast(`${where}.wattsPerAmp`, ev.wattsPerAmp, 1e-6)
  atLeast(`${where}.maxA`, ev.maxA, 0)
  atLeast(`${where}.needWh`, ev.needWh, 0)
  atLeast(`${where}.shortfallPrice`, ev.shortfallPrice, 0)
  series(`${where}.capA`, ev.capA, problem.steps)
  if (ev.minimum === null) return
  atLeast(`${where}.minimum.needWh`, ev.minimum.needWh, 0)
  atLeast(`${where}.minimum.price`, ev.minimum.price, 0)
  if (!Number.isInteger(ev.minimum.by)) refuse(`${where}.minimum.by`, 'must be a whole step')
}

const checkBattery = (where: string, battery: PlanBattery, problem: PlanProblem): void => {
  window(where, battery, problem)
  atLeast(`${where}.wattsPerAmp`, battery.wattsPerAmp, 1e-6)
  atLeast(`${where}.maxChargeW`, battery.maxChargeW, 0)
  atLeast(`${where}.maxDischargeW`, battery.maxDischargeW, 0)
  atLeast(`${where}.cyclePrice`, battery.cyclePrice, 0)
  atLeast(`${where}.shortfallPrice`, battery.shortfallPrice, 0)
  atLeast(`${where}.energyWh`, battery.energyWh, 0)
  atLeast(`${where}.maxEnergyWh`, battery.maxEnergyWh, battery.minEnergyWh)
  for (const name of ['chargeEfficiency', 'dischargeEfficiency'] as const) {
    const value = battery[name]
    if (!(value > 0 && value <= 1)) refuse(`${where}.${name}`, `is ${value}, must be within 0..1`)
  }
}

const checkNodes = (problem: PlanProblem): void => {
  problem.nodes.forEach((node, index) => {
    const where = `nodes[${index}] (${node.id})`
    if (!(index === 0 ? node.parent === -1 : node.parent >= 0 && node.parent < index)) {
      refuse(`${where}.parent`, `is ${node.parent}, must be an earlier node (-1 for the first)`)
    }
    for (const lines of [node.capA, node.exportCapA ?? null]) {
      lines?.forEach((line, p) =>
        series(`${where} current limit of L${p + 1}`, line, problem.steps),
      )
    }
    series(`${where}.capW`, node.capW, problem.steps)
    series(`${where}.exportCapW`, node.exportCapW, problem.steps)
  })
}

const checkSetpoint = ({ powerW, pricePerKwh, mask }: PlanSetpoint, steps: number): void => {
  series('setpoint.powerW', powerW, steps)
  atLeast('setpoint.pricePerKwh', pricePerKwh, 0)
  if (mask !== undefined && mask.length !== steps) {
    refuse('setpoint.mask', `has ${mask.length} values, must have ${steps}`)
  }
}

/** Throws `invariant-broken` with what is wrong and where. O(size of the problem). */
export const checkProblem = (problem: PlanProblem): void => {
  const { steps, stepS } = problem
  if (!(Number.isInteger(steps) && steps > 0)) refuse('steps', `is ${steps}, must be at least 1`)
  if (!(stepS > 0)) refuse('stepS', `is ${stepS}, must be above 0`)
  if (problem.nodes.length === 0) refuse('nodes', 'is empty, must hold the grid connection')
  checkNodes(problem)
  series('importPrice', problem.importPrice, steps)
  series('exportPrice', problem.exportPrice, steps)
  series('baseW', problem.baseW, steps)
  problem.evs.forEach((ev, i) => checkEv(`evs[${i}] (${ev.id})`, ev, problem))
  problem.batteries.forEach((battery, i) =>
    checkBattery(`batteries[${i}] (${battery.id})`, battery, problem),
  )
  problem.peaks.forEach((peak, i) => {
    // Negative above the threshold of a tiered tariff (peak-tiers.ts).
    atLeast(`peaks[${i}].pricePerKw`, peak.pricePerKw, -1e12)
    atLeast(`peaks[${i}].billedW`, peak.billedW, 0)
    atLeast(`peaks[${i}].windowSteps`, peak.windowSteps, 1)
    if (peak.mask.length !== steps) refuse(`peaks[${i}].mask`, `must have ${steps} values`)
  })
  if (problem.setpoint !== null) checkSetpoint(problem.setpoint, steps)
  problem.imbalance?.baseA.forEach((line, p) => series(`imbalance.baseA[${p}]`, line, steps))
}
