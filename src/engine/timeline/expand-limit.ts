import type { Expansion } from './expansion.ts'
import { sumOfEvses, type NodeRating } from './grid-view.ts'
import type { Flow, Piece, Quantity } from './piece.ts'
import { recoveryOf, softened, staircase, type Step } from './trajectory.ts'

/** Pieces of an import or export limit; see the table at `expand`. */
export const limitPieces = (expansion: Expansion, flow: Flow): Piece[] => {
  const { event, set } = expansion
  const { scope, unit } = event.signal
  switch (scope) {
    case 'controllable':
      return powerPieces(expansion, { kind: 'group-power', set, flow }, set.ratingW, flow)
    case 'connection':
    case 'phase':
      return limitedNodes(expansion).flatMap((rating) => {
        if (scope === 'phase' || unit === 'A') return linePieces(expansion, rating, flow)
        const quantity: Quantity = { kind: 'node-power', nodeId: rating.nodeId, flow }
        return powerPieces(expansion, quantity, rating.powerW, flow)
      })
    case 'evse':
      return flow === 'import' ? evsePieces(expansion) : []
  }
}

const limitedNodes = ({ event, view }: Expansion): NodeRating[] => {
  const ids = event.targets.length > 0 ? event.targets : [view.site.nodes[0].id]
  return ids.flatMap((id) => view.nodeRating(id) ?? [])
}

/** Watts per interval, from W or from a fraction of the rating. */
const inWatts = ({ event, played }: Expansion, ratingW: number): Step[] => {
  switch (event.signal.unit) {
    case 'W':
      return [...played]
    case 'fraction':
      if (!Number.isFinite(ratingW)) return []
      return played.map((interval) => ({
        ...interval,
        value: interval.value === null ? null : interval.value * ratingW,
      }))
    case 'A':
    case 'level':
    case 'currency/kWh':
    case 'g/kWh':
      return []
  }
}

const powerPieces = (
  expansion: Expansion,
  quantity: Quantity,
  ratingW: number,
  flow: Flow,
): Piece[] => {
  const { event, referenceW, piece } = expansion
  const steps = inWatts(expansion, ratingW)
  if (steps.length === 0) return []
  const highestW = Math.max(0, ...steps.map(({ value }) => value ?? 0))
  const freeW = Number.isFinite(ratingW) ? Math.max(ratingW, highestW) : highestW
  // The limit comes down from what flows; it never starts below its own first value.
  const fromW = Math.min(freeW, Math.max(referenceW ?? freeW, steps[0].value ?? freeW))
  const walk = event.ramp ? softened(steps, event.ramp, fromW, freeW) : staircase(steps)
  const recovery = flow === 'import' ? event.recovery : null
  const tail = recoveryOf(steps.at(-1)!.endMs, walk.last, freeW, event.ramp, recovery)
  return [...walk.stretches, ...tail].map((stretch) => piece(quantity, stretch))
}

/**
 * Limits per line act at once: ramps are in watts per minute, and to be faster than asked is the
 * safe side. Recovery is in power, at the node.
 */
const linePieces = (expansion: Expansion, rating: NodeRating, flow: Flow): Piece[] => {
  const { event, played, view, piece } = expansion
  const { voltageV } = view.site.supply
  const amps = (value: number, line: number): number | null => {
    switch (event.signal.unit) {
      case 'A':
        return value
      case 'W':
        return value / voltageV
      case 'fraction':
        return rating.currentA === null ? null : value * rating.currentA[line]
      case 'level':
      case 'currency/kWh':
      case 'g/kWh':
        return null
    }
  }
  const lines = ([0, 1, 2] as const).map((line) => ({
    line,
    steps: played.map((interval) => ({
      ...interval,
      value: interval.value === null ? null : amps(interval.value, line),
    })),
  }))
  const pieces = lines.flatMap(({ line, steps }) =>
    staircase(steps).stretches.map((stretch) =>
      piece({ kind: 'node-current', nodeId: rating.nodeId, flow, line }, stretch),
    ),
  )
  const lastA = lines.map(({ steps }) => steps.at(-1)!.value)
  if (flow === 'export' || lastA.includes(null)) return pieces
  const lastW = lastA.reduce<number>((sum, value) => sum + value! * voltageV, 0)
  return [...pieces, ...recoveryPieces(expansion, lastW, rating.powerW, node(rating))]
}

const node = ({ nodeId }: NodeRating): Quantity => ({
  kind: 'node-power',
  nodeId,
  flow: 'import',
})

const evsePieces = (expansion: Expansion): Piece[] => {
  const { event, played, set, view, piece } = expansion
  const { unit } = event.signal
  if (unit !== 'A' && unit !== 'W' && unit !== 'fraction') return []
  const pieces = staircase(played).stretches.map((stretch) =>
    piece({ kind: 'evse', set, unit }, stretch),
  )
  const last = played.at(-1)!.value
  if (last === null || !event.recovery) return pieces
  const lastW = sumOfEvses(set, unit, last, view)
  const quantity: Quantity = { kind: 'group-power', set, flow: 'import' }
  return [...pieces, ...recoveryPieces(expansion, lastW, set.ratingW, quantity)]
}

const recoveryPieces = (
  { event, played, piece }: Expansion,
  lastW: number,
  ratingW: number,
  quantity: Quantity,
): Piece[] => {
  const freeW = Number.isFinite(ratingW) ? ratingW : lastW
  const endMs = played.at(-1)!.endMs
  return recoveryOf(endMs, lastW, freeW, event.ramp, event.recovery).map((stretch) =>
    piece(quantity, stretch),
  )
}
