import { expect, test } from 'vitest'
import { oddSite } from '../../../../bench/planner/odd-site.ts'
import { draws } from '../../../../bench/planner/random.ts'
import { costOf } from '../../../../src/engine/plan/cost.ts'
import { holdContent } from '../../../../src/engine/plan/content.ts'
import { moveEarlier } from '../../../../src/engine/plan/earlier.ts'
import { ledgerOf } from '../../../../src/engine/plan/ledger.ts'
import {
  compile,
  emptySchedule,
  type Model,
  type Schedule,
} from '../../../../src/engine/plan/model.ts'
import { repairOf } from '../../../../src/engine/plan/repair.ts'
import { asSolution } from '../../../../src/engine/plan/solution.ts'
import { solveProximal } from '../../../../src/engine/plan/proximal.ts'
import { faultsOf } from './feasibility.ts'

const NO_LEVELS = Float64Array.of(Infinity, Infinity)

/** Anything that devices could do by themselves, without regard to limits of the site. */
const wildSchedule = (model: Model, seed: number): Schedule => {
  const random = draws(seed)
  const schedule = emptySchedule(model)
  const { evs, batteries } = model
  for (let i = 0; i < evs.count; i++) {
    let left = evs.needKWh[i]
    for (let k = evs.offset[i]; k < evs.offset[i + 1]; k++) {
      const top = evs.top[evs.topAt[i] + k - evs.offset[i]]
      schedule.ev[k] = Math.min(left, evs.full[i] * top * random.uniform())
      left -= schedule.ev[k]
    }
  }
  for (let i = 0; i < batteries.count; i++) {
    for (let k = batteries.offset[i]; k < batteries.offset[i + 1]; k++) {
      if (random.chance(0.5)) schedule.charge[k] = batteries.chargeFull[i] * random.uniform()
      else schedule.discharge[k] = batteries.dischargeFull[i] * random.uniform()
    }
  }
  holdContent(batteries, schedule)
  return schedule
}

const faults = (model: Model, schedule: Schedule): string[] =>
  faultsOf(
    model.problem,
    asSolution(model, schedule, {
      method: 'optimal',
      fallbackBecause: null,
      upperBound: 0,
      lowerBound: 0,
      prices: [],
      warm: null,
    }),
  )

test('any schedule is made feasible by taking away only', () => {
  for (let seed = 1; seed <= 150; seed++) {
    const model = compile(oddSite({ seed }))
    const wild = wildSchedule(model, seed)
    const before = structuredClone(wild)
    repairOf(model).run(wild, NO_LEVELS)
    expect({ seed, faults: faults(model, wild) }).toEqual({ seed, faults: [] })
    for (const key of ['ev', 'charge', 'discharge'] as const) {
      expect(wild[key].every((kWh, k) => kWh <= before[key][k])).toBe(true)
    }
  }
})

test('a feasible schedule is left as it is', () => {
  const model = compile(oddSite({ seed: 12 }))
  const schedule = wildSchedule(model, 12)
  repairOf(model).run(schedule, NO_LEVELS)
  const repaired = structuredClone(schedule)
  repairOf(model).run(schedule, NO_LEVELS)
  expect(schedule).toEqual(repaired)
})

test('moving energy earlier keeps a plan feasible and its cost', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const site = oddSite({ seed })
    // Few price levels, so that there are ties.
    const importPrice = site.importPrice.map((price) => (price > 0.2 ? 0.3 : 0.15))
    const model = compile({ ...site, importPrice })
    const { schedule, upperBound } = solveProximal(model, {
      gap: 1e-3,
      isLate: () => false,
      warm: null,
    })
    moveEarlier(model, schedule, ledgerOf(model, schedule))
    expect({ seed, faults: faults(model, schedule) }).toEqual({ seed, faults: [] })
    expect(costOf(model, schedule).total).toBeLessThanOrEqual(upperBound + 1e-6)
  }
})
