import { dualBound } from './bound.ts'
import { netOut } from './content.ts'
import { costOf } from './cost.ts'
import { ledgerOf } from './ledger.ts'
import { emptySchedule, type Model, type Schedule } from './model.ts'
import { refill } from './refill.ts'
import type { Relaxation } from './relaxation.ts'
import { repairOf } from './repair.ts'
import { stepOrder } from './step-order.ts'

/**
 * The two sides of the certificate: the best feasible plan so far with its cost (upper bound),
 * and the best dual bound (lower bound), each improved from the present state of a relaxation.
 */
export interface Candidate {
  readonly schedule: Schedule
  upperBound: number
  lowerBound: number
  /** Looks whether the present duals and profiles give better bounds. */
  improve(): void
}

/** The profiles of the last evaluation in kWh, not feasible in general. */
const takeProfiles = ({ model, evs, batteries }: Relaxation, schedule: Schedule): void => {
  const { offset: at, full } = model.evs
  for (let i = 0; i < model.evs.count; i++) {
    for (let k = at[i]; k < at[i + 1]; k++) schedule.ev[k] = full[i] * evs.profile[k]
  }
  const { offset, chargeFull, dischargeFull, count } = model.batteries
  for (let i = 0; i < count; i++) {
    for (let k = offset[i]; k < offset[i + 1]; k++) {
      schedule.charge[k] = chargeFull[i] * batteries.charge[k]
      schedule.discharge[k] = dischargeFull[i] * batteries.discharge[k]
    }
  }
  netOut(model.batteries, schedule)
}

const copySchedule = (from: Schedule, to: Schedule): void => {
  to.ev.set(from.ev)
  to.charge.set(from.charge)
  to.discharge.set(from.discharge)
}

export const candidateOf = (model: Model, relaxation: Relaxation): Candidate => {
  const repair = repairOf(model)
  const order = stepOrder(model.network.classes, model.steps, model.connection.importPrice)
  const scratch = new Float64Array(relaxation.duals.length)
  const trial = emptySchedule(model)
  const self: Candidate = {
    schedule: emptySchedule(model),
    upperBound: Infinity,
    lowerBound: -Infinity,
    improve: () => {
      const levelsKw = Float64Array.from(relaxation.peaks, ({ level }) => level)
      takeProfiles(relaxation, trial)
      self.lowerBound = Math.max(self.lowerBound, dualBound(relaxation, scratch, order))
      repair.run(trial, levelsKw)
      const ledger = ledgerOf(model, trial)
      refill(model, trial, ledger, order.order, levelsKw)
      const cost = costOf(model, trial, ledger).total
      if (cost >= self.upperBound) return
      self.upperBound = cost
      copySchedule(trial, self.schedule)
    },
  }
  return self
}
