import type { GridEvent, SignalInterval } from '../../domain/signal.ts'
import { expand } from './expand.ts'
import { sumOfEvses, type GridView, type TargetSet } from './grid-view.ts'

/** The power that one interval asks for, in one place. */
export interface ImpliedPower {
  readonly scope: 'connection' | 'controllable'
  readonly set: TargetSet
  readonly powerW: number
  readonly aim: 'ceiling' | 'follow'
}

/**
 * What an interval means in watts of import, ramps and other events left aside; empty where it asks
 * for no import power (prices, export limits, `null`). For what can be committed to.
 *
 * @param referenceW present power on the event's scope, for reductions
 */
export const impliedPower = (
  event: GridEvent,
  interval: SignalInterval,
  view: GridView,
  referenceW: number | null,
): ImpliedPower[] => {
  const alone: GridEvent = { ...event, intervals: [interval], ramp: null, recovery: null }
  const pieces = expand(
    { event: alone, startShiftMs: 0, endShiftMs: 0, stopMs: null, referenceW },
    view,
    0,
  )
  const atNodes = new Map<string, number>()
  const implied: ImpliedPower[] = []
  for (const { quantity, fromValue, aim } of pieces) {
    switch (quantity.kind) {
      case 'target':
        implied.push({
          scope: quantity.scope,
          set: quantity.set,
          powerW: fromValue,
          aim: aim ?? 'ceiling',
        })
        break
      case 'group-power':
        if (quantity.flow === 'import') {
          implied.push({
            scope: 'controllable',
            set: quantity.set,
            powerW: fromValue,
            aim: 'ceiling',
          })
        }
        break
      case 'node-power':
        if (quantity.flow === 'import') atNodes.set(quantity.nodeId, fromValue)
        break
      case 'node-current':
        if (quantity.flow === 'import') {
          const lineW = fromValue * view.site.supply.voltageV
          atNodes.set(quantity.nodeId, (atNodes.get(quantity.nodeId) ?? 0) + lineW)
        }
        break
      case 'evse':
        implied.push({
          scope: 'controllable',
          set: quantity.set,
          powerW: sumOfEvses(quantity.set, quantity.unit, fromValue, view),
          aim: 'ceiling',
        })
        break
      case 'overlay':
      case 'soc':
      case 'alert':
        break
    }
  }
  for (const [nodeId, powerW] of atNodes) {
    implied.push({ scope: 'connection', set: view.resolve([nodeId]), powerW, aim: 'ceiling' })
  }
  return implied
}
