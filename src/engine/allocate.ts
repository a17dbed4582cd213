import { createFill } from './fill.ts'
import { addLoad, blockingRow, clearLoads, type Draws, type Rows } from './rows.ts'
import type { Topology } from './topology.ts'

/** What the EVSEs ask and what the tree and groups allow, this instant. Arrays are indexed by EVSE. */
export interface AllocationInput {
  readonly draws: Draws
  /** Caps for what EVSEs may draw: limit less margin and uncontrolled load. Loads are overwritten. */
  readonly rows: Rows
  /** Amperes that are counted whatever we grant: offline, idle, disobedient stations. */
  readonly reservedA: Float64Array
  /** Smallest grant above zero. */
  readonly minA: Float64Array
  /** What it should get; below `minA` = nothing. */
  readonly maxA: Float64Array
  /** What it may get beyond that once everybody has what it should; at least `maxA`. */
  readonly surplusA: Float64Array
  /** Higher is served first. */
  readonly priority: Float64Array
  /** Order of admission within a priority, lower first: this is where rotation happens. */
  readonly rank: Float64Array
  /** Grants are multiples of this. */
  readonly stepA: number
}

export interface Allocation {
  /** Amperes per conductor; 0 = pause. */
  readonly grantA: Float64Array
  /** What keeps the grant from being larger: `zone * 4 + row`, -1 = its own maximum. */
  readonly stoppedBy: Int32Array
  /** 1 = wanted at least its minimum and did not get it. */
  readonly waiting: Uint8Array
}

/**
 * Who may draw how much, now:
 * 1. reservations are put on the rows;
 * 2. admission: by priority, then rank, everyone gets its minimum if every row of its zones has it,
 *    else it waits (a car below 6 A draws nothing, so sharing below that helps nobody);
 * 3. filling, class by class: up to what each should get, then with what is left up to what each may
 *    have, max-min fair (`fill.ts`), rounded down to whole steps; what rounding frees goes out again
 *    by largest remainder.
 * Pure and deterministic. O(N (depth + log N)) plus the filling.
 */
export const createAllocator = (topology: Topology) => {
  const count = topology.evseCount
  const fill = createFill(topology)
  const grantA = new Float64Array(count)
  const stoppedBy = new Int32Array(count)
  const waiting = new Uint8Array(count)
  /** What rounding took from each. */
  const rest = new Float64Array(count)

  return (input: AllocationInput): Allocation => {
    const { draws, rows, minA, priority, rank, stepA } = input
    clearLoads(rows)
    grantA.fill(0)
    stoppedBy.fill(-1)
    waiting.fill(0)
    const asking: number[] = []
    for (let evse = 0; evse < count; evse++) {
      addLoad(rows, topology, draws, evse, input.reservedA[evse])
      const most = input.surplusA[evse]
      if (most > 0 && most >= minA[evse]) asking.push(evse)
    }
    asking.sort((a, b) => priority[b] - priority[a] || rank[a] - rank[b] || a - b)
    serve(asking)
    return { grantA, stoppedBy, waiting }

    function serve(evses: readonly number[]): void {
      const admitted = evses.filter(admit)
      for (let from = 0; from < admitted.length;) {
        let to = from + 1
        while (to < admitted.length && priority[admitted[to]] === priority[admitted[from]]) to++
        const peers = admitted.slice(from, to)
        fillUp(peers, input.maxA)
        fillUp(peers, input.surplusA)
        from = to
      }
    }

    function fillUp(evses: readonly number[], upToA: Float64Array): void {
      const members = evses.filter((evse) => upToA[evse] > grantA[evse])
      fill(rows, draws, members, grantA, upToA, stoppedBy)
      roundDown(members, upToA)
    }

    function admit(evse: number): boolean {
      const blocked = blockingRow(rows, topology, draws, evse, minA[evse])
      if (blocked) {
        waiting[evse] = 1
        stoppedBy[evse] = blocked.zone * 4 + blocked.row
        return false
      }
      grantA[evse] = minA[evse]
      addLoad(rows, topology, draws, evse, minA[evse])
      return true
    }

    function roundDown(members: readonly number[], upToA: Float64Array): void {
      for (const evse of members) {
        const rounded = Math.max(minA[evse], Math.floor(grantA[evse] / stepA + 1e-9) * stepA)
        rest[evse] = grantA[evse] - rounded
        addLoad(rows, topology, draws, evse, rounded - grantA[evse])
        grantA[evse] = rounded
      }
      const queue = members
        .filter((evse) => grantA[evse] + stepA <= upToA[evse] + 1e-9)
        .sort((a, b) => rest[b] - rest[a] || rank[a] - rank[b] || a - b)
      for (let raised = true; raised;) {
        raised = false
        for (const evse of queue) {
          if (grantA[evse] + stepA > upToA[evse] + 1e-9) continue
          if (blockingRow(rows, topology, draws, evse, stepA)) continue
          addLoad(rows, topology, draws, evse, stepA)
          grantA[evse] += stepA
          raised = true
        }
      }
    }
  }
}

export type Allocator = ReturnType<typeof createAllocator>
