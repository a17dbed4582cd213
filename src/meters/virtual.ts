import type { PerPhase } from '../domain/phases.ts'
import type { Quality, Reading } from '../domain/reading.ts'
import type { Clock } from '../ports/clock.ts'
import type { MeterSource } from '../ports/meter-source.ts'
import { loadFormulaMath, type Formula } from './formula.ts'
import { createHealth, type HealthState } from '../net/health.ts'
import { QUANTITIES, setQuantity, worst, type Quantity, type ReadingDraft } from './quantity.ts'
import {
  planVirtualMeters,
  type KnownMeters,
  type Plan,
  type VirtualMeterOptions,
} from './virtual-plan.ts'

export type { KnownMeters, VirtualMeterOptions } from './virtual-plan.ts'

export interface VirtualMeter extends MeterSource {
  /** Meters that its formulas name. */
  readonly uses: readonly string[]
}

export interface VirtualMeters {
  /** In an order in which each comes after those that it uses. */
  readonly sources: readonly VirtualMeter[]
  /** To be called with every reading of every meter, normalised, virtual ones included. */
  readonly update: (reading: Reading) => void
}

/** What is known of one meter: each value with its own time, the newest that came. */
interface Known {
  bad: boolean
  receivedAtMs: number
  readonly values: Map<Quantity, { value: number | PerPhase; atMs: number; quality: Quality }>
}

interface Virtual {
  readonly plan: Plan
  readonly state: HealthState
  accept: ((reading: Reading) => void) | null
}

const remember = (known: Map<string, Known>, reading: Reading): void => {
  const { meterId, measuredAtMs: atMs, receivedAtMs, quality } = reading
  const meter = known.get(meterId) ?? { bad: false, receivedAtMs, values: new Map() }
  known.set(meterId, meter)
  meter.bad = quality === 'bad'
  meter.receivedAtMs = receivedAtMs
  if (meter.bad) return
  for (const quantity of QUANTITIES) {
    const value = reading[quantity]
    if (value !== undefined) meter.values.set(quantity, { value, atMs, quality })
  }
}

/** Works one formula into the draft: its time and its quality. A text: what it waits for. */
const workPart = (
  { inputs, evaluate }: Formula,
  known: ReadonlyMap<string, Known>,
  draft: ReadingDraft,
): number | string => {
  const values: number[] = []
  for (const { meterId, quantity, phase } of inputs) {
    const cell = known.get(meterId)?.values.get(quantity)
    if (!cell) return `waiting for ${meterId}.${quantity}`
    values.push(typeof cell.value === 'number' ? cell.value : cell.value[phase ?? 0])
    draft.measuredAtMs = Math.min(draft.measuredAtMs, cell.atMs)
    draft.quality = worst(draft.quality, cell.quality)
  }
  return evaluate(values)
}

/** All that the formulas give, at the time of the oldest input; a text: what they wait for. */
const work = (
  { id, formulas, uses }: Plan,
  known: ReadonlyMap<string, Known>,
): Reading | string => {
  const meters = [...uses].map((used) => known.get(used))
  const absent = [...uses].find((used) => !known.has(used))
  if (absent !== undefined) return `waiting for ${absent}`
  const receivedAtMs = Math.max(...meters.map((meter) => meter!.receivedAtMs))
  const draft: ReadingDraft = { meterId: id, measuredAtMs: Infinity, receivedAtMs, quality: 'good' }
  if (meters.some((meter) => meter!.bad)) {
    return { ...draft, measuredAtMs: receivedAtMs, quality: 'bad' }
  }
  for (const { quantity, parts } of formulas) {
    const results: number[] = []
    for (const part of parts) {
      const result = workPart(part, known, draft)
      if (typeof result === 'string') return result
      results.push(result)
    }
    // A division by zero and the like: no number, and no zero either.
    if (results.some(Number.isNaN)) draft.quality = 'bad'
    else if (results.length === 1) setQuantity(draft, quantity, results[0])
    else setQuantity(draft, quantity, results as unknown as PerPhase)
  }
  return draft
}

/** The virtual meters that depend on each meter, however far, in the order of `plans`. */
const dependents = (virtuals: readonly Virtual[]): Map<string, Virtual[]> => {
  const reached = new Map<string, Virtual[]>()
  const origins = new Map<string, ReadonlySet<string>>()
  for (const virtual of virtuals) {
    const { id, uses } = virtual.plan
    const all = new Set([...uses].flatMap((used) => [used, ...(origins.get(used) ?? [])]))
    origins.set(id, all)
    for (const origin of all) {
      const list = reached.get(origin)
      if (list) list.push(virtual)
      else reached.set(origin, [virtual])
    }
  }
  return reached
}

const sourceOf = (virtual: Virtual): VirtualMeter => ({
  id: virtual.plan.id,
  uses: [...virtual.plan.uses],
  async start(accept) {
    virtual.accept = accept
    virtual.state.set(false, `waiting for ${[...virtual.plan.uses].join(', ')}`)
  },
  health: () => virtual.state.get(),
  async stop() {
    virtual.accept = null
    virtual.state.set(false, 'stopped')
  },
})

/**
 * Meters that are formulas over others. Compiled once; a reading of an input works out everything
 * that depends on it, in one pass and in order, so that no formula sees half of a change. Quality
 * is the worst of the inputs, the time that of the oldest; a bad input makes a bad reading.
 *
 * @param known the real meters
 * @throws AppError `config-invalid`: a formula that is wrong, names a meter or a quantity that is
 *   not there, or leads back to itself
 */
export const createVirtualMeters = async (
  options: readonly VirtualMeterOptions[],
  known: KnownMeters,
  { clock }: { clock: Clock },
): Promise<VirtualMeters> => {
  if (options.length === 0) return { sources: [], update: () => {} }
  const plans = planVirtualMeters(await loadFormulaMath(), options, known)
  const virtuals = plans.map((plan): Virtual => ({
    plan,
    state: createHealth(clock),
    accept: null,
  }))
  const dependentsOf = dependents(virtuals)
  const readings = new Map<string, Known>()
  let inPass = false

  const evaluate = (virtual: Virtual): void => {
    if (!virtual.accept) return
    const result = work(virtual.plan, readings)
    if (typeof result === 'string') {
      virtual.state.set(false, result)
      return
    }
    const ok = result.quality !== 'bad'
    virtual.state.set(ok, ok ? 'worked out' : 'an input is bad, or the formula has no result')
    remember(readings, result)
    virtual.accept(result)
  }

  return {
    sources: virtuals.map(sourceOf),
    update(reading) {
      remember(readings, reading)
      // Our own readings come back while a pass is on; it gets to their dependents by itself.
      if (inPass) return
      inPass = true
      try {
        for (const virtual of dependentsOf.get(reading.meterId) ?? []) evaluate(virtual)
      } finally {
        inPass = false
      }
    },
  }
}
