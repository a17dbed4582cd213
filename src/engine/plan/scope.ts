import type { Fleet } from './devices/fleet.ts'
import type { Network } from './network.ts'
import type { Rows } from './rows.ts'

/**
 * A part of the problem whose duals are improved while all others stand still: everything, or one
 * region with the rows that are local to it.
 */
export interface Scope {
  readonly isWhole: boolean
  readonly firstClass: number
  readonly lastClass: number
  readonly fleets: readonly Fleet[]
  /** Network blocks of the scope, ascending. */
  readonly blocks: Int32Array
  /** Rows of the scope that can bind, ascending. */
  readonly rows: Int32Array
  /**
   * For class `firstClass + c` the entries `start[c] .. start[c + 1]`: which of `blocks` (by
   * place in that list) it adds to, and its coefficient.
   */
  readonly start: Int32Array
  readonly block: Int32Array
  readonly coef: Float64Array
}

const makeScope = (
  network: Network,
  rows: Rows,
  fleets: readonly Fleet[],
  firstClass: number,
  lastClass: number,
  region: number | null,
): Scope => {
  const isOurs = (b: number): boolean => region === null || network.blockRegion[b] === region
  const blocks = network.blocks.map((_, b) => b).filter(isOurs)
  const placeOf = new Map(blocks.map((b, place) => [b, place]))
  const start = [0]
  const block: number[] = []
  const coef: number[] = []
  for (let c = firstClass; c < lastClass; c++) {
    for (let j = network.start[c]; j < network.start[c + 1]; j++) {
      const place = placeOf.get(network.block[j])
      if (place === undefined) continue
      block.push(place)
      coef.push(network.coef[j])
    }
    start.push(block.length)
  }
  const binding: number[] = []
  const addRows = (from: number, to: number): void => {
    for (let r = from; r < to; r++) if (rows.can[r] === 1) binding.push(r)
  }
  for (const b of blocks) addRows(b * network.steps, (b + 1) * network.steps)
  if (region === null) addRows(rows.network, rows.count)
  return {
    isWhole: region === null,
    firstClass,
    lastClass,
    fleets,
    blocks: Int32Array.from(blocks),
    rows: Int32Array.from(binding),
    start: Int32Array.from(start),
    block: Int32Array.from(block),
    coef: Float64Array.from(coef),
  }
}

export const wholeScope = (network: Network, rows: Rows, fleets: readonly Fleet[]): Scope =>
  makeScope(network, rows, fleets, 0, network.classes, null)

/** The scope of region r (not 0); `fleets` are those of the region. */
export const regionScope = (
  network: Network,
  rows: Rows,
  fleets: readonly Fleet[],
  region: number,
): Scope =>
  makeScope(
    network,
    rows,
    fleets,
    network.regionStart[region],
    network.regionStart[region + 1],
    region,
  )
