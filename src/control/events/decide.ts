import type { EventCode, EventTransition, GridEvent, SignalKind } from '../../domain/signal.ts'
import type { GridView, TargetSet } from '../../engine/timeline/grid-view.ts'
import { impliedPower } from '../../engine/timeline/implied-power.ts'
import { unsupportedBy } from './soundness.ts'

/** What the fleet can do; the controller knows. Watts, positive = import. */
export interface FleetPower {
  /**
   * The lowest and highest power that the scope can be steered to (failsafes and guarantees below,
   * ratings above); `null` = unknown, which commits to nothing.
   */
  capability(
    scope: 'connection' | 'controllable',
    set: TargetSet,
  ): { readonly floorW: number; readonly ceilingW: number } | null
  /** Present power; `null` = not measured. */
  powerW(scope: 'connection' | 'controllable', set: TargetSet): number | null
}

export interface Decision {
  readonly state: 'accepted' | 'partial' | 'rejected'
  readonly code: EventCode | null
  readonly reason: string | null
  readonly committed: EventTransition['committed']
}

const rejected = (code: EventCode, reason: string): Decision => ({
  state: 'rejected',
  code,
  reason,
  committed: null,
})

/**
 * Whether a sound event is followed, and how far. What is physically out of reach is never refused
 * but done as well as possible, and said: `partial` with what can be kept per interval.
 *
 * Committed is the power that will not be exceeded (or, for a setpoint, be held); for a reduction
 * the reduction.
 *
 * @param allowedKinds of its authority; `null` = all
 */
export const decide = (
  event: GridEvent,
  view: GridView,
  fleet: FleetPower,
  allowedKinds: readonly SignalKind[] | null,
): Decision => {
  if (allowedKinds !== null && !allowedKinds.includes(event.signal.kind)) {
    return rejected('unauthorized', `${event.authority} may not send ${event.signal.kind} here`)
  }
  const unknown = view.unknown(event.targets)
  if (unknown.length > 0) {
    return rejected(
      'unknownTarget',
      `no node, station or EVSE here is called ${unknown.join(', ')}`,
    )
  }
  const unsupported = unsupportedBy(event, view)
  if (unsupported !== null) return rejected('unsupported', unsupported)

  const commitments = event.intervals.flatMap((interval) => {
    const reach = reachOf(event, interval.value, interval.id, view, fleet)
    return reach === null ? [] : [{ intervalId: interval.id, ...reach }]
  })
  const committed = commitments.map(({ intervalId, powerW }) => ({ intervalId, powerW }))
  const short = commitments.filter(({ full }) => !full)
  if (short.length === 0) {
    return {
      state: 'accepted',
      code: null,
      reason: null,
      committed: committed.length > 0 ? committed : null,
    }
  }
  const [{ intervalId, powerW }] = short
  return {
    state: 'partial',
    code: 'infeasible',
    reason: `${short.length} of ${event.intervals.length} intervals are out of reach; interval ${intervalId} ends at ${Math.round(powerW)} W because of failsafes, minimum currents or ratings`,
    committed,
  }
}

const reachOf = (
  event: GridEvent,
  value: number | null,
  intervalId: number,
  view: GridView,
  fleet: FleetPower,
): { powerW: number; full: boolean } | null => {
  if (value === null) return null
  const referenceW = referenceOf(event, view, fleet)
  const interval = { id: intervalId, startMs: 0, endMs: 1, value }
  let powerW = 0
  let full = true
  const implied = impliedPower(event, interval, view, referenceW)
  for (const wanted of implied) {
    const can = fleet.capability(wanted.scope, wanted.set)
    if (can === null) return null
    const most = wanted.aim === 'follow' ? can.ceilingW : Infinity
    const reachedW = Math.min(most, Math.max(can.floorW, wanted.powerW))
    if (Math.abs(reachedW - wanted.powerW) > TOLERANCE_W) full = false
    powerW += reachedW
  }
  if (implied.length === 0) return null
  if (event.signal.kind === 'reduce-by') return { powerW: (referenceW ?? 0) - powerW, full }
  return { powerW, full }
}

const TOLERANCE_W = 1

/** Power on the scope and targets of the event now, for ramps and reductions; `null` = unknown. */
export const referenceOf = (
  { signal, targets }: GridEvent,
  view: GridView,
  fleet: FleetPower,
): number | null => {
  const scope =
    signal.scope === 'connection' || signal.scope === 'phase' ? 'connection' : 'controllable'
  return fleet.powerW(scope, view.resolve(targets))
}
