import { isSlope, laneKey, winsBy, type Piece } from './piece.ts'

/** The winner of one lane over one stretch of time. */
export interface Cell {
  readonly lane: string
  readonly startMs: number
  readonly endMs: number
  readonly piece: Piece
}

/**
 * Who wins where, lane by lane. The pieces of a lane are painted in the order of their precedence,
 * each onto what is still bare; a union-find over the lane's boundaries skips what is painted, so a
 * lane of n pieces costs O(n log n) however they overlap.
 *
 * A slope in a lane where the lowest value wins has no fixed place in that order: it is kept beside
 * the winner, and the two are compared when a value is asked for.
 */
export const paint = (pieces: readonly Piece[]): Cell[] => {
  const cells: Cell[] = []
  for (const [lane, members] of Map.groupBy(pieces, (piece) => laneKey(piece.quantity))) {
    const byValue = winsBy(members[0].quantity) === 'lowest'
    const fixed = byValue ? members.filter((piece) => !isSlope(piece)) : members
    for (const piece of members) {
      if (byValue && isSlope(piece)) {
        cells.push({ lane, startMs: piece.startMs, endMs: piece.endMs, piece })
      }
    }
    cells.push(...paintLane(lane, [...fixed].sort(byValue ? byLowest : byRank)))
  }
  return cells
}

const byRank = (a: Piece, b: Piece): number => a.rank - b.rank || a.startMs - b.startMs
const byLowest = (a: Piece, b: Piece): number => a.fromValue - b.fromValue || byRank(a, b)

const paintLane = (lane: string, ordered: readonly Piece[]): Cell[] => {
  const times = [...new Set(ordered.flatMap(({ startMs, endMs }) => [startMs, endMs]))].sort(
    (a, b) => a - b,
  )
  const placeOf = new Map(times.map((time, i) => [time, i]))
  const winner: (Piece | null)[] = times.map(() => null)
  const nextBare = Int32Array.from(times.keys())

  const bareFrom = (place: number): number => {
    let root = place
    while (nextBare[root] !== root) root = nextBare[root]
    for (let at = place; nextBare[at] !== root;) {
      const next = nextBare[at]
      nextBare[at] = root
      at = next
    }
    return root
  }

  for (const piece of ordered) {
    const end = placeOf.get(piece.endMs)!
    for (let at = bareFrom(placeOf.get(piece.startMs)!); at < end; at = bareFrom(at)) {
      winner[at] = piece
      nextBare[at] = at + 1
    }
  }

  const cells: Cell[] = []
  let startMs = 0
  for (const [i, piece] of winner.entries()) {
    if (piece === null) continue
    if (winner[i - 1] !== piece) startMs = times[i]
    if (winner[i + 1] !== piece) cells.push({ lane, startMs, endMs: times[i + 1], piece })
  }
  return cells
}
