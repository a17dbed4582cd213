import { batteryEnd, costOf, evShortfall } from './cost.ts'
import type { Model, Schedule } from './model.ts'
import type { PlanSolution } from './problem.ts'

const wattsPerStep = (
  model: Model,
  from: number,
  to: number,
  kWhAt: (entry: number) => number,
): Float64Array => {
  const watts = new Float64Array(model.steps)
  for (let t = from; t < to; t++) watts[t] = (kWhAt(t - from) * 1000) / model.hours
  return watts
}

/** The schedule in watts, with what could not be served. */
export const asSolution = (
  model: Model,
  schedule: Schedule,
  rest: Omit<PlanSolution, 'evW' | 'batteryW' | 'unservedWh' | 'batteryUnservedWh' | 'cost'>,
): PlanSolution => {
  const { evs, batteries } = model
  const evW = Array.from({ length: evs.count }, (_, i) =>
    wattsPerStep(model, evs.from[i], evs.to[i], (k) => schedule.ev[evs.offset[i] + k]),
  )
  const batteryW = Array.from({ length: batteries.count }, (_, i) => {
    const at = batteries.offset[i]
    const net = (k: number): number => schedule.charge[at + k] - schedule.discharge[at + k]
    return wattsPerStep(model, batteries.from[i], batteries.to[i], net)
  })
  return {
    ...rest,
    cost: costOf(model, schedule),
    evW,
    batteryW,
    unservedWh: Float64Array.from(
      { length: evs.count },
      (_, i) => evShortfall(model, schedule, i) * 1000,
    ),
    batteryUnservedWh: Float64Array.from(
      { length: batteries.count },
      (_, i) => Math.max(0, batteries.targetKWh[i] - batteryEnd(model, schedule, i)) * 1000,
    ),
  }
}
