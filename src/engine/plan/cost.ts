import { connectionCost } from './connection.ts'
import { ledgerOf, type Ledger } from './ledger.ts'
import type { Model, Schedule } from './model.ts'
import type { PlanCost } from './problem.ts'

const sum = (values: Float64Array, from: number, to: number): number => {
  let total = 0
  for (let k = from; k < to; k++) total += values[k]
  return total
}

/** kWh that EV i does not get. */
export const evShortfall = ({ evs }: Model, schedule: Schedule, i: number): number =>
  Math.max(0, evs.needKWh[i] - sum(schedule.ev, evs.offset[i], evs.offset[i + 1]))

/** kWh of its minimum that EV i does not get in time. */
const minimumShortfall = ({ evs }: Model, schedule: Schedule, i: number): number => {
  if (evs.minKWh[i] === 0) return 0
  const end = Math.min(evs.offset[i] + evs.minBy[i] - evs.from[i], evs.offset[i + 1])
  return Math.max(0, evs.minKWh[i] - sum(schedule.ev, evs.offset[i], end))
}

/** Content of battery i after its last step, kWh. */
export const batteryEnd = ({ batteries }: Model, schedule: Schedule, i: number): number => {
  const { offset, gain, loss, startKWh } = batteries
  const charged = sum(schedule.charge, offset[i], offset[i + 1])
  const discharged = sum(schedule.discharge, offset[i], offset[i + 1])
  return startKWh[i] + gain[i] * charged - loss[i] * discharged
}

const overloadOf = ({ network, overloadPrice }: Model, { load }: Ledger): number => {
  let kWh = 0
  for (let row = 0; row < load.length; row++) {
    if (network.top[row] < Infinity && load[row] > network.rhs[row]) {
      kWh += load[row] - network.rhs[row]
    }
  }
  return kWh * overloadPrice
}

export const costOf = (
  model: Model,
  schedule: Schedule,
  ledger: Ledger = ledgerOf(model, schedule),
): PlanCost => {
  const { evs, batteries } = model
  let shortfall = 0
  let wear = 0
  for (let i = 0; i < evs.count; i++) {
    shortfall += evs.price[i] * evShortfall(model, schedule, i)
    shortfall += evs.minPrice[i] * minimumShortfall(model, schedule, i)
  }
  for (let i = 0; i < batteries.count; i++) {
    const missing = Math.max(0, batteries.targetKWh[i] - batteryEnd(model, schedule, i))
    shortfall += batteries.price[i] * missing
    wear +=
      batteries.wear[i] * sum(schedule.discharge, batteries.offset[i], batteries.offset[i + 1])
  }
  const connection = connectionCost(model.connection, ledger.total)
  const overload = overloadOf(model, ledger)
  const { energy, peak, tracking } = connection
  const total = energy + peak + tracking + shortfall + wear + overload
  return { total, energy, peak, tracking, shortfall, wear, overload }
}
