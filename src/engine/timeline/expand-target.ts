import type { Expansion } from './expansion.ts'
import type { Piece, Quantity } from './piece.ts'
import { recoveryOf, softened, staircase, type Step } from './trajectory.ts'

/**
 * Pieces of a setpoint (follow this power), a reduction (no more than the reference less so much)
 * or a level (no more than this fraction of the rating); see the table at `expand`. A reduction
 * whose reference is not known yet says nothing.
 */
export const targetPieces = (expansion: Expansion): Piece[] => {
  const { event, referenceW, set, view, piece } = expansion
  const { scope, kind } = event.signal
  if (scope !== 'connection' && scope !== 'controllable') return []
  const nodeId = scope === 'connection' ? set.nodeId : null
  if (scope === 'connection' && nodeId === null) return []
  const ratingW = nodeId === null ? set.ratingW : view.nodeRating(nodeId)!.powerW

  const steps: Step[] = expansion.played.map((interval) => ({
    ...interval,
    value: interval.value === null ? null : targetW(expansion, interval.value, ratingW),
  }))
  const values = steps.flatMap(({ value }) => value ?? [])
  if (values.length === 0) return []
  const follow = kind === 'setpoint'
  const highestW = Math.max(...values)
  const freeW = Number.isFinite(ratingW) ? Math.max(ratingW, highestW) : highestW
  const firstW = steps[0].value ?? freeW
  const fromW = follow
    ? (referenceW ?? firstW)
    : Math.min(freeW, Math.max(referenceW ?? freeW, firstW))
  const walk = event.ramp ? softened(steps, event.ramp, fromW, freeW) : staircase(steps)
  const endMs = steps.at(-1)!.endMs
  const tail = recoveryOf(endMs, walk.last, freeW, event.ramp, event.recovery)

  const target: Quantity = { kind: 'target', scope, set }
  const limit: Quantity =
    nodeId === null
      ? { kind: 'group-power', set, flow: 'import' }
      : { kind: 'node-power', nodeId, flow: 'import' }
  const aim = follow ? 'follow' : 'ceiling'
  return [
    ...walk.stretches.map((stretch) => piece(target, stretch, aim)),
    ...tail.map((stretch) => piece(limit, stretch)),
  ]
}

const targetW = (
  { event, referenceW, view }: Expansion,
  value: number,
  ratingW: number,
): number | null => {
  const { kind, unit } = event.signal
  if (kind === 'level') {
    const fraction = view.levels[value]
    return fraction === undefined || !Number.isFinite(ratingW) ? null : fraction * ratingW
  }
  if (kind === 'reduce-by') {
    if (referenceW === null) return null
    const byW = unit === 'fraction' ? value * referenceW : value
    return unit === 'W' || unit === 'fraction' ? Math.max(0, referenceW - byW) : null
  }
  if (unit === 'W') return value
  return unit === 'fraction' && Number.isFinite(ratingW) ? value * ratingW : null
}
