import type { GridEvent, SignalInterval } from '../../domain/signal.ts'
import type { GridView, TargetSet } from './grid-view.ts'
import type { Piece, Quantity } from './piece.ts'
import type { Stretch } from './trajectory.ts'

/** One event on its way to pieces. */
export interface Expansion {
  readonly event: GridEvent
  /** At least one. */
  readonly played: readonly SignalInterval[]
  readonly referenceW: number | null
  readonly set: TargetSet
  readonly view: GridView
  readonly piece: (quantity: Quantity, stretch: Stretch, aim?: Piece['aim']) => Piece
}
