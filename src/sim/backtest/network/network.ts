import type { PerPhase } from '../../../domain/phases.ts'
import type { LineCurrent } from '../../../domain/wiring.ts'

/** What recorded sessions are charged through: EVSEs below a tree of limits. */
export interface Network {
  readonly name: string
  /** Parents before children; `nodes[0]` is the grid connection. */
  readonly nodes: readonly NetworkNode[]
  readonly evses: readonly NetworkEvse[]
}

export interface NetworkNode {
  readonly id: string
  /** Index into `nodes`, -1 for the grid connection. */
  readonly parent: number
  /** What charging may draw per line, amperes; `null` = no limit. */
  readonly limitA: PerPhase | null
  /** What charging may draw in total, watts; `null` = no limit. */
  readonly limitW: number | null
  /**
   * Set where `limitA` is meant at the delta side of a transformer that feeds what is below from
   * its wye side: lines per ampere there, (line p - line p-1) / `deltaRatio`. `null` = this side.
   */
  readonly deltaRatio: number | null
}

export interface NetworkEvse {
  /** As recordings name it: STATION/EVSE, or the station alone. */
  readonly id: string
  readonly stationId: string
  /** Index into `nodes`. */
  readonly node: number
  readonly line: LineCurrent
  readonly wattsPerAmp: number
  readonly minA: number
  readonly maxA: number
}
