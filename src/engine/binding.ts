import { createAllocator, type Allocation, type AllocationInput } from './allocate.ts'
import { createRows, isAbove, visitBlocking, type Rows } from './rows.ts'
import type { Topology } from './topology.ts'

/** The cap that one constraint puts on one row; a row may have several, of which the least counts. */
export interface Cap {
  readonly zone: number
  /** 0..2 = line in amperes, 3 = power in watts. */
  readonly row: number
  readonly value: number
  /** The constraint: caps of one constraint are lifted together (an event, the rating of a node). */
  readonly source: string
}

/** Sets the caps of all rows, but for those of constraints that are lifted. */
export const applyCaps = (
  rows: Rows,
  caps: readonly Cap[],
  lifted: ReadonlySet<string> = NOTHING,
): void => {
  rows.capA.fill(Infinity)
  rows.capW.fill(Infinity)
  for (const { zone, row, value, source } of caps) {
    if (lifted.has(source)) continue
    if (row === 3) rows.capW[zone] = Math.min(rows.capW[zone], value)
    else rows.capA[zone * 3 + row] = Math.min(rows.capA[zone * 3 + row], value)
  }
}

const NOTHING: ReadonlySet<string> = new Set()

/** What keeps one grant from being larger. */
export interface Binding<C extends Cap = Cap> {
  /**
   * One cap per constraint. Lifting the constraint raises the grant; where there are several, only
   * lifting all of them together does.
   */
  readonly caps: readonly C[]
  /** What the EVSE itself asks for (its plan, its rest, its vehicle) is among the constraints. */
  readonly own: boolean
}

/** An allocation, and what it was made from. */
export interface Decision<C extends Cap = Cap> {
  readonly input: AllocationInput
  readonly allocation: Allocation
  readonly caps: readonly C[]
  /** What each EVSE would ask for without the constraint that it has of its own. */
  readonly freedA: Float64Array
  readonly nowMs: number
}

/** A grant of another world, in which some constraints are lifted. */
interface Trial {
  readonly grantA: Float64Array
  readonly rows: Rows
}

/** A binding without the caps of the instant that it was found at. */
interface Known {
  readonly sign: string
  readonly atMs: number
  readonly rows: readonly { readonly row: number; readonly source: string }[]
  readonly own: boolean
}

/** Constraints that bind together are looked for in so many layers. */
const LAYERS = 4
/** Trials per decision: a large site that changes all at once is looked at over several. */
const MAX_TRIALS = 48
/** What was found is believed for so long while the grant and what touches it stay the same. */
const BELIEVED_MS = 15_000
const SMALL = 1e-6

/**
 * Finds the constraint that a grant is due to, by trial: a constraint binds when the allocation
 * without it gives this EVSE more. The rows that have no room for one more step are the candidates;
 * a candidate that raises the grant alone is the cause. Where none does (two limits are full at
 * once, or what one leaves is taken by somebody else), the smallest set that does is named together.
 * A trial is one allocation and answers for all EVSEs with the same candidate.
 */
export const createBindings = (topology: Topology) => {
  const allocate = createAllocator(topology)
  const work = createRows(topology)
  const known: (Known | undefined)[] = []

  return <C extends Cap>({ input, allocation, caps, freedA, nowMs }: Decision<C>) => {
    const { stepA, minA, surplusA } = input
    const trials = new Map<string, Trial>()
    const capsOn = Map.groupBy(caps, ({ zone, row }) => zone * 4 + row)
    const base: Trial = { grantA: allocation.grantA, rows: input.rows }

    /** The allocation without some constraints, and without what EVSE `own` asks of itself. */
    const trial = (lifted: readonly string[], own: number): Trial | null => {
      const name = `${own} ${[...lifted].sort().join(' ')}`
      const before = trials.get(name)
      if (before) return before
      if (trials.size >= MAX_TRIALS) return null
      applyCaps(work, caps, new Set(lifted))
      const asked = own < 0 ? input : withFreed(input, own, freedA[own])
      const { grantA } = allocate({ ...asked, rows: work })
      const made = { grantA: grantA.slice(), rows: copyOf(work) }
      trials.set(name, made)
      return made
    }

    /** The caps that leave no room for one more step, one per constraint. */
    const blocking = (e: number, { grantA, rows }: Trial, lifted: readonly string[]): C[] => {
      const found = new Map<string, C>()
      const amps = grantA[e] > 0 ? stepA : Math.max(stepA, minA[e])
      visitBlocking(rows, topology, input.draws, { evse: e, amps }, (zone, row, load) => {
        for (const cap of capsOn.get(zone * 4 + row) ?? []) {
          if (!isAbove(load, cap.value, row)) continue
          if (!found.has(cap.source) && !lifted.includes(cap.source)) found.set(cap.source, cap)
        }
      })
      return [...found.values()]
    }

    const find = (e: number): Binding<C> => {
      const isFreed = freedA[e] > surplusA[e] + SMALL
      /** Whether the grant is all that is asked for, but for less than a step. */
      const hasAll = (grantA: number, askedA: number): boolean =>
        askedA < minA[e] || grantA + stepA > askedA + SMALL
      const own = { caps: [], own: true }
      const first = blocking(e, base, [])
      const asksMore = !hasAll(allocation.grantA[e], surplusA[e])
      if (first.length === 0 || (!asksMore && !isFreed)) return own

      /** `null` = too many trials. */
      const raises = (lifted: readonly C[], freed: boolean): boolean | null => {
        const made = trial(
          lifted.map(({ source }) => source),
          freed ? e : -1,
        )
        return made && made.grantA[e] > allocation.grantA[e] + SMALL
      }
      const alone = first.find((cap) => raises([cap], false))
      if (alone && asksMore) return { caps: [alone], own: false }
      if (isFreed && raises([], true)) return own

      let lifted: readonly C[] = first
      let freed = isFreed && !asksMore
      for (let layer = 0; layer < LAYERS && raises(lifted, freed) === false; layer++) {
        const sources = lifted.map(({ source }) => source)
        const made = trial(sources, freed ? e : -1)
        const next = made ? blocking(e, made, sources) : []
        if (next.length === 0 && (freed || !isFreed)) break
        const hidden = next.find((cap) => raises([cap], false))
        if (hidden) return { caps: [hidden], own: false }
        if (next.length === 0) freed = true
        lifted = [...lifted, ...next]
      }
      for (const cap of lifted) {
        const without = lifted.filter((other) => other !== cap)
        if (raises(without, freed)) lifted = without
      }
      return { caps: lifted, own: freed && raises(lifted, false) !== true }
    }

    /** With the caps as they are now; `null` = one of them is gone. */
    const recall = ({ rows, own }: Known): Binding<C> | null => {
      const found = rows.flatMap(({ row, source }) =>
        (capsOn.get(row) ?? []).filter((cap) => cap.source === source).slice(0, 1),
      )
      return found.length === rows.length ? { caps: found, own } : null
    }

    return (e: number): Binding<C> => {
      const sign = [
        allocation.grantA[e],
        surplusA[e],
        freedA[e],
        ...blocking(e, base, []).map(({ source }) => source),
      ].join(' ')
      const before = known[e]
      if (before?.sign === sign && nowMs - before.atMs < BELIEVED_MS) {
        const binding = recall(before)
        if (binding !== null) return binding
      }
      const binding = find(e)
      const rows = binding.caps.map(({ zone, row, source }) => ({ row: zone * 4 + row, source }))
      known[e] = { sign, atMs: nowMs, rows, own: binding.own }
      return binding
    }
  }
}

export type Bindings = ReturnType<typeof createBindings>

const withFreed = (input: AllocationInput, e: number, freedA: number): AllocationInput => {
  const maxA = input.maxA.slice()
  const surplusA = input.surplusA.slice()
  maxA[e] = freedA
  surplusA[e] = freedA
  return { ...input, maxA, surplusA }
}

const copyOf = (rows: Rows): Rows => ({
  capA: rows.capA.slice(),
  capW: rows.capW.slice(),
  re: rows.re.slice(),
  im: rows.im.slice(),
  loadW: rows.loadW.slice(),
})
