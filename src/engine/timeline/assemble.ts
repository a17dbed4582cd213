import type { GridView } from './grid-view.ts'
import type { Flow, Piece } from './piece.ts'
import type {
  Bound,
  GroupLimits,
  NodeLimits,
  Overlay,
  PerLineBound,
  PowerTarget,
  Segment,
} from './segment.ts'

type Draft<T> = { -readonly [K in keyof T]: T[K] }

const NO_LINES: PerLineBound = [null, null, null]

/**
 * The segment that the winners of all lanes make. O(pieces).
 *
 * @param pieces by rank; at most one constant and some slopes per lane
 * @param value of each piece at the time that the segment stands for
 */
export const assemble = (
  startMs: number,
  endMs: number,
  pieces: readonly Piece[],
  value: (piece: Piece) => number,
  view: GridView,
): Segment => {
  const { nodes, groups } = collectLimits(pieces, value)
  const connectionId = view.site.nodes[0].id
  const connection = nodes.get(connectionId) ?? noNodeLimits(connectionId)
  const whole = view.resolve([])
  const controllable = groups.get(whole.id) ?? { set: whole, importW: null, exportW: null }

  const targets = pieces.flatMap((piece): PowerTarget[] => {
    const { quantity } = piece
    if (quantity.kind !== 'target') return []
    const { scope, set } = quantity
    const within =
      scope === 'connection'
        ? [nodes.get(set.nodeId ?? connectionId)]
        : [groups.get(set.id), controllable]
    const requestedW = value(piece)
    const powerW = clamp(requestedW, within)
    const { authority, eventId } = piece
    return [{ authority, eventId, scope, set, aim: piece.aim ?? 'ceiling', powerW, requestedW }]
  })

  return {
    startMs,
    endMs,
    connection,
    nodes: [...nodes.values()].filter(({ nodeId }) => nodeId !== connectionId),
    controllable,
    groups: [...groups.values()].filter(({ set }) => set.id !== whole.id),
    evseRules: pieces.flatMap((piece) =>
      piece.quantity.kind === 'evse'
        ? [{ ...boundOf(piece, value), set: piece.quantity.set, unit: piece.quantity.unit }]
        : [],
    ),
    targets,
    ...overlaysOf(pieces, value),
    socTargets: pieces.flatMap((piece) =>
      piece.quantity.kind === 'soc' ? [{ ...boundOf(piece, value), set: piece.quantity.set }] : [],
    ),
    alerts: pieces.flatMap(({ quantity }) => (quantity.kind === 'alert' ? [quantity.origin] : [])),
  }
}

const boundOf = (piece: Piece, value: (piece: Piece) => number): Bound => ({
  authority: piece.authority,
  eventId: piece.eventId,
  value: value(piece),
})

const noNodeLimits = (nodeId: string): Draft<NodeLimits> => ({
  nodeId,
  importW: null,
  exportW: null,
  importA: NO_LINES,
  exportA: NO_LINES,
})

const collectLimits = (
  pieces: readonly Piece[],
  value: (piece: Piece) => number,
): { nodes: Map<string, NodeLimits>; groups: Map<string, GroupLimits> } => {
  const nodes = new Map<string, Draft<NodeLimits>>()
  const groups = new Map<string, Draft<GroupLimits>>()
  for (const piece of pieces) {
    const { quantity } = piece
    if (quantity.kind === 'group-power') {
      const { set, flow } = quantity
      const limits = groups.get(set.id) ?? { set, importW: null, exportW: null }
      const side = powerSide(flow)
      limits[side] = lower(limits[side], boundOf(piece, value))
      groups.set(set.id, limits)
    } else if (quantity.kind === 'node-power' || quantity.kind === 'node-current') {
      const limits = nodes.get(quantity.nodeId) ?? noNodeLimits(quantity.nodeId)
      if (quantity.kind === 'node-power') {
        const side = powerSide(quantity.flow)
        limits[side] = lower(limits[side], boundOf(piece, value))
      } else {
        const side = quantity.flow === 'import' ? 'importA' : 'exportA'
        const lines: [Bound | null, Bound | null, Bound | null] = [...limits[side]]
        lines[quantity.line] = lower(lines[quantity.line], boundOf(piece, value))
        limits[side] = lines
      }
      nodes.set(quantity.nodeId, limits)
    }
  }
  return { nodes, groups }
}

const overlaysOf = (
  pieces: readonly Piece[],
  value: (piece: Piece) => number,
): Record<'price' | 'exportPrice' | 'carbon', Overlay | null> => {
  const overlays: Record<'price' | 'exportPrice' | 'carbon', Overlay | null> = {
    price: null,
    exportPrice: null,
    carbon: null,
  }
  for (const piece of pieces) {
    if (piece.quantity.kind !== 'overlay') continue
    overlays[piece.quantity.field] = { ...boundOf(piece, value), currency: piece.currency }
  }
  return overlays
}

const powerSide = (flow: Flow): 'importW' | 'exportW' => (flow === 'import' ? 'importW' : 'exportW')

/** The lower one; of equals the first, whose event takes precedence. */
const lower = (a: Bound | null, b: Bound): Bound => (a === null || b.value < a.value ? b : a)

/** Limits beat targets; of two limits that exclude each other the import limit counts. */
const clamp = (
  powerW: number,
  within: readonly ({ importW: Bound | null; exportW: Bound | null } | undefined)[],
): number => {
  const mostW = Math.min(...within.map((limits) => limits?.importW?.value ?? Infinity))
  const leastW = Math.max(...within.map((limits) => -(limits?.exportW?.value ?? Infinity)))
  return Math.min(mostW, Math.max(leastW, powerW))
}
