import type { Expansion } from './expansion.ts'
import { limitPieces } from './expand-limit.ts'
import { targetPieces } from './expand-target.ts'
import type { GridView } from './grid-view.ts'
import type { Piece, Quantity } from './piece.ts'
import { playedIntervals, type TimelineEvent } from './played.ts'
import { staircase } from './trajectory.ts'

/**
 * What the event means in each lane that it touches.
 *
 * | kind | scope | lane |
 * |--|--|--|
 * | import-limit, export-limit | connection | power of the node (W, fraction), its lines (A) |
 * | | phase | lines of the node (A, W per line, fraction of the line's rating) |
 * | | controllable | power of the target set (W, fraction) |
 * | import-limit | evse | each EVSE of the set (A, W, fraction) |
 * | no-charge | any | import limit 0 there |
 * | setpoint, reduce-by, level | connection, controllable | target of the node or set |
 * | price, export-price, carbon | | overlay |
 * | soc-target | | each vehicle at the set |
 * | alert | | shown |
 *
 * Nodes as targets of `connection` and `phase` are limited each for itself; the targets of a
 * `controllable` signal are one set with one sum. What has no meaning on its scope (amperes of a
 * set, a fraction of an unrated node) yields nothing: the lifecycle rejects it. O(intervals).
 *
 * @param rank of the event in the order of precedence, smaller wins
 */
export const expand = (timelineEvent: TimelineEvent, view: GridView, rank: number): Piece[] => {
  const { event, referenceW } = timelineEvent
  const played = playedIntervals(timelineEvent)
  if (played.length === 0) return []
  const { authority, eventId, signal } = event
  const set = view.resolve(event.targets)
  const piece: Expansion['piece'] = (quantity, stretch, aim = null) => ({
    authority,
    eventId,
    quantity,
    ...stretch,
    rank,
    aim,
    currency: signal.currency,
  })
  const expansion = { event, played, referenceW, set, view, piece }
  const asGiven = (quantity: Quantity): Piece[] =>
    staircase(played).stretches.map((stretch) => piece(quantity, stretch))

  switch (signal.kind) {
    case 'import-limit':
      return limitPieces(expansion, 'import')
    case 'export-limit':
      return limitPieces(expansion, 'export')
    case 'no-charge':
      return limitPieces(asZeroLimit(expansion), 'import')
    case 'setpoint':
    case 'reduce-by':
    case 'level':
      return targetPieces(expansion)
    case 'price':
      return asGiven({ kind: 'overlay', field: 'price' })
    case 'export-price':
      return asGiven({ kind: 'overlay', field: 'exportPrice' })
    case 'carbon':
      return asGiven({ kind: 'overlay', field: 'carbon' })
    case 'soc-target':
      return asGiven({ kind: 'soc', set })
    case 'alert':
      return asGiven({ kind: 'alert', origin: { authority, eventId } })
  }
}

/** `no-charge` has no size: whatever is said, it is zero; only `null` says nothing. */
const asZeroLimit = (expansion: Expansion): Expansion => {
  const { event, played } = expansion
  const inAmps = event.signal.scope === 'evse' || event.signal.scope === 'phase'
  return {
    ...expansion,
    event: { ...event, signal: { ...event.signal, unit: inAmps ? 'A' : 'W' } },
    played: played.map((interval) => ({
      ...interval,
      value: interval.value === null ? null : 0,
    })),
  }
}
