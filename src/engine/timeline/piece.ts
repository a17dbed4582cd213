import type { TargetSet } from './grid-view.ts'

export interface Origin {
  readonly authority: string
  readonly eventId: string
}

/** What a value is about. Values of one lane compete; lanes do not know of each other. */
export type Quantity =
  | { readonly kind: 'node-power'; readonly nodeId: string; readonly flow: Flow }
  | {
      readonly kind: 'node-current'
      readonly nodeId: string
      readonly flow: Flow
      readonly line: 0 | 1 | 2
    }
  | { readonly kind: 'group-power'; readonly set: TargetSet; readonly flow: Flow }
  | { readonly kind: 'evse'; readonly set: TargetSet; readonly unit: 'A' | 'W' | 'fraction' }
  | {
      readonly kind: 'target'
      readonly scope: 'connection' | 'controllable'
      readonly set: TargetSet
    }
  | { readonly kind: 'overlay'; readonly field: 'price' | 'exportPrice' | 'carbon' }
  | { readonly kind: 'soc'; readonly set: TargetSet }
  | { readonly kind: 'alert'; readonly origin: Origin }

export type Flow = 'import' | 'export'

/** Values in one lane fight it out by `lowest` value or by `rank` of their event. */
export const winsBy = ({ kind }: Quantity): 'lowest' | 'rank' =>
  kind === 'node-power' || kind === 'node-current' || kind === 'group-power' || kind === 'evse'
    ? 'lowest'
    : 'rank'

export const laneKey = (quantity: Quantity): string => {
  switch (quantity.kind) {
    case 'node-power':
      return `node-power|${quantity.nodeId}|${quantity.flow}`
    case 'node-current':
      return `node-current|${quantity.nodeId}|${quantity.flow}|${quantity.line}`
    case 'group-power':
      return `group-power|${quantity.set.id}|${quantity.flow}`
    case 'evse':
      return `evse|${quantity.set.id}|${quantity.unit}`
    case 'target':
      return `target|${quantity.scope}|${quantity.set.id}`
    case 'overlay':
      return `overlay|${quantity.field}`
    case 'soc':
      return `soc|${quantity.set.id}`
    case 'alert':
      return `alert|${quantity.origin.authority}|${quantity.origin.eventId}`
  }
}

/** One value over one stretch of time, constant or linear. */
export interface Piece extends Origin {
  readonly quantity: Quantity
  readonly startMs: number
  readonly endMs: number
  readonly fromValue: number
  /** Value at `endMs`; equal to `fromValue` for a constant. */
  readonly toValue: number
  /** Of its event: smaller wins. */
  readonly rank: number
  /** `ceiling`: not more than; `follow`: as near as the limits allow. For targets only. */
  readonly aim: 'ceiling' | 'follow' | null
  /** For prices only. */
  readonly currency: string | null
}

export const isSlope = (piece: Piece): boolean => piece.fromValue !== piece.toValue

export const valueAt = (piece: Piece, atMs: number): number => {
  if (!isSlope(piece)) return piece.fromValue
  const part = (atMs - piece.startMs) / (piece.endMs - piece.startMs)
  return piece.fromValue + (piece.toValue - piece.fromValue) * Math.min(1, Math.max(0, part))
}
