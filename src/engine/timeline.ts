import { assemble } from './timeline/assemble.ts'
import { expand } from './timeline/expand.ts'
import type { GridView } from './timeline/grid-view.ts'
import { paint, type Cell } from './timeline/lane.ts'
import { isSlope, valueAt, type Piece } from './timeline/piece.ts'
import type { TimelineEvent } from './timeline/played.ts'
import type { Segment } from './timeline/segment.ts'

/**
 * Overlapping events become one timeline of segments in which nothing changes.
 *
 *   event A, limit 50 kW      |=============================|
 *   event B, limit 30 kW            |==========|
 *   event C, setpoint 40 kW    |=====================|
 *   segments                  |A|AC |BC        |AC   |A    |   limit: lowest; C is clamped to it
 *
 * 1. Each event becomes pieces (`expand`): one value, constant or linear, over one stretch of time,
 *    in the lane of what it is about (import power of a node, power of a set of EVSEs, price, ...).
 *    Random draws shift them; ramps and recovery are pieces like any other.
 * 2. Each lane has one winner at any time (`paint`): of limits the lowest, so all of them hold; of
 *    setpoints, reductions and levels that of the lowest priority number, of equals the newest
 *    issued, then the smaller event id. The winner of the latter is clamped by the limits.
 * 3. A sweep over the winners' boundaries cuts the segments. Where a slope is at work the segments
 *    for the planner are cut finer and take the lower end of the slope.
 *
 * Nothing said is `null`, zero is 0. A price is an overlay and touches no limit. The result does not
 * depend on the order of the events. For P pieces and at most L winners at a time O(P log P + S L)
 * for S segments; `at` is O(log S), and returns the same object until something changes.
 *
 * Semantics: grid-signals profile, section 6.4.
 */
export interface Timeline {
  readonly fromMs: number
  readonly toMs: number
  /** What holds at this instant; slopes are exact. Outside of the window nothing holds. */
  at(nowMs: number): Segment
  /** The whole window without gaps, ascending. */
  segments(): readonly Segment[]
}

interface Stage {
  readonly startMs: number
  readonly endMs: number
  /** The winners of all lanes that say something, by rank. */
  readonly cells: readonly Cell[]
  readonly pieces: readonly Piece[]
  readonly sloped: boolean
}

/** Slopes are cut at least this fine for the planner, and into at most so many parts. */
const SLOPE_STEP_MS = 60_000
const MAX_SLOPE_PARTS = 120

/** @param events that act or will act in `[fromMs, toMs)`, recovering ones included; any order */
export const buildTimeline = (
  events: readonly TimelineEvent[],
  view: GridView,
  fromMs: number,
  toMs: number,
): Timeline => {
  const ranked = [...events].sort(byPrecedence)
  const pieces = ranked
    .flatMap((event, rank) => expand(event, view, rank))
    .filter((piece) => piece.endMs > fromMs && piece.startMs < toMs)
  const stages = sweep(paint(pieces), fromMs, toMs)
  const constant = new Map<Stage, Segment>()
  let known: readonly Segment[] | null = null

  const segmentOf = (stage: Stage): Segment => {
    let segment = constant.get(stage)
    if (!segment) {
      segment = assemble(stage.startMs, stage.endMs, stage.pieces, (piece) => piece.fromValue, view)
      constant.set(stage, segment)
    }
    return segment
  }

  return {
    fromMs,
    toMs,
    at(nowMs) {
      const stage = stageAt(stages, nowMs)
      if (!stage) return assemble(nowMs, nowMs, [], () => 0, view)
      if (!stage.sloped) return segmentOf(stage)
      return assemble(nowMs, nowMs, stage.pieces, (piece) => valueAt(piece, nowMs), view)
    },
    segments() {
      known ??= stages.flatMap((stage) =>
        stage.sloped ? sampled(stage, view) : [segmentOf(stage)],
      )
      return known
    },
  }
}

/** Lowest priority number, newest issue, smallest event id; the authority makes it total. */
const byPrecedence = ({ event: a }: TimelineEvent, { event: b }: TimelineEvent): number =>
  a.priority - b.priority ||
  b.issuedAtMs - a.issuedAtMs ||
  compare(a.eventId, b.eventId) ||
  compare(a.authority, b.authority)

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const sweep = (cells: readonly Cell[], fromMs: number, toMs: number): Stage[] => {
  const starts = [...cells].sort((a, b) => a.startMs - b.startMs)
  const ends = [...cells].sort((a, b) => a.endMs - b.endMs)
  const times = [
    ...new Set([fromMs, ...cells.flatMap(({ startMs, endMs }) => [startMs, endMs]), toMs]),
  ]
    .filter((time) => time >= fromMs && time <= toMs)
    .sort((a, b) => a - b)
  const active = new Set<Cell>()
  const stages: Stage[] = []
  let started = 0
  let ended = 0
  for (const [i, startMs] of times.slice(0, -1).entries()) {
    while (started < starts.length && starts[started].startMs <= startMs) {
      active.add(starts[started++])
    }
    while (ended < ends.length && ends[ended].endMs <= startMs) active.delete(ends[ended++])
    // By rank, so that of equal values the one of the higher precedence is named.
    const winners = [...active].sort((a, b) => a.piece.rank - b.piece.rank)
    const before = stages.at(-1)
    if (before && before.cells.length === winners.length && before.cells.every(saysAs(winners))) {
      stages[stages.length - 1] = { ...before, endMs: times[i + 1] }
      continue
    }
    const pieces = winners.map(({ piece }) => piece)
    stages.push({
      startMs,
      endMs: times[i + 1],
      cells: winners,
      pieces,
      sloped: pieces.some(isSlope),
    })
  }
  return stages
}

/** The same value by the same event, as two equal intervals in a row give. */
const saysAs =
  (others: readonly Cell[]) =>
  ({ lane, piece }: Cell, i: number): boolean => {
    const other = others[i]
    return (
      piece === other.piece ||
      (lane === other.lane &&
        piece.rank === other.piece.rank &&
        !isSlope(piece) &&
        !isSlope(other.piece) &&
        piece.fromValue === other.piece.fromValue)
    )
  }

const stageAt = (stages: readonly Stage[], nowMs: number): Stage | undefined => {
  let low = 0
  let high = stages.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (stages[middle].endMs <= nowMs) low = middle + 1
    else high = middle
  }
  const stage = stages[low]
  return stage && stage.startMs <= nowMs ? stage : undefined
}

/** The stage in equal parts, each with the lower end of its slopes. */
const sampled = (stage: Stage, view: GridView): Segment[] => {
  const lengthMs = stage.endMs - stage.startMs
  const parts = Math.min(MAX_SLOPE_PARTS, Math.ceil(lengthMs / SLOPE_STEP_MS))
  return Array.from({ length: parts }, (_, i) => {
    const startMs = stage.startMs + Math.round((lengthMs * i) / parts)
    const endMs = stage.startMs + Math.round((lengthMs * (i + 1)) / parts)
    const lowEnd = (piece: Piece): number =>
      Math.min(valueAt(piece, startMs), valueAt(piece, endMs))
    return assemble(startMs, endMs, stage.pieces, lowEnd, view)
  })
}
