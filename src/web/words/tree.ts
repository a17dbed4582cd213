import type { GridEvent, Node } from '../wire.ts'
import type { BarValues } from '../drawing/bar.ts'
import type { Format } from './format.ts'
import { PHASE_NAMES } from './phases.ts'

/** A node with what hangs below it. */
export interface Branch {
  readonly node: Node
  readonly children: readonly Branch[]
}

/** Parents come before children in the list. */
export const branchesOf = (nodes: readonly Node[]): Branch[] => {
  const below = (parentId: string | null): Branch[] =>
    nodes
      .filter((node) => node.parentId === parentId)
      .map((node) => ({ node, children: below(node.id) }))
  return below(null)
}

/** One bar of a node, with the words that say the same. */
export interface NodeBar {
  readonly label: string
  readonly values: BarValues
  /** `62 of 80 A`. */
  readonly load: string
  /** What is left, in words; empty = there is no limit. */
  readonly left: string
  readonly isOver: boolean
  /** It would be over if every vehicle drew what it may. */
  readonly isShort: boolean
  readonly alternative: string
}

interface Show {
  readonly one: (value: number) => string
  readonly of: (value: number, limit: number) => string
}

const amperes = ({ current, currentOf }: Format): Show => ({ one: current, of: currentOf })
const watts = ({ power, powerOf }: Format): Show => ({ one: power, of: powerOf })

const barOf = (label: string, values: BarValues, left: number | null, show: Show): NodeBar => {
  const { base, ev, mayDraw, limit } = values
  const load = base + ev
  const spoken = [
    `${label}: uncontrolled ${show.one(base)}`,
    `vehicles ${show.one(ev)}`,
    `vehicles allowed ${show.one(mayDraw)}`,
    ...(limit === null ? [] : [`limit ${show.one(limit)}`]),
    ...(left === null ? [] : [`${show.one(left)} left`]),
  ]
  return {
    label,
    values,
    load: limit === null ? show.one(load) : show.of(load, limit),
    left: left === null ? '' : left < 0 ? `${show.one(-left)} over` : `${show.one(left)} left`,
    isOver: limit !== null && load > limit,
    isShort: left !== null && left < 0,
    alternative: spoken.join(', '),
  }
}

/** The three phases, in amperes; none before the first tick. */
export const phaseBars = ({ now, limitA, margin }: Node, format: Format): NodeBar[] => {
  if (!now) return []
  return PHASE_NAMES.map((label, phase) =>
    barOf(
      label,
      {
        base: now.uncontrolledA[phase],
        ev: now.evA[phase],
        mayDraw: now.mayDrawA[phase],
        limit: limitA ? limitA[phase] : null,
        margin,
      },
      now.headroomA ? now.headroomA[phase] : null,
      amperes(format),
    ),
  )
}

/** Power against the node's own limit; `null` where only current is limited. */
export const powerBar = ({ now, limitW, margin }: Node, format: Format): NodeBar | null => {
  if (!now || limitW === null) return null
  const values = {
    base: now.uncontrolledW,
    ev: now.evW,
    mayDraw: now.evW,
    limit: limitW,
    margin,
  }
  return barOf('kW', values, limitW - now.uncontrolledW - now.evW, watts(format))
}

/** Power against the tightest limit of the events here; `null` = there is none. */
export const eventBar = (
  { now }: Node,
  events: readonly GridEvent[],
  format: Format,
): NodeBar | null => {
  if (!now || now.eventLimitW === null) return null
  const limit = now.eventLimitW
  const isThrough = events.some(({ signal }) => signal.scope === 'connection')
  const base = isThrough ? now.uncontrolledW : 0
  const values = { base, ev: now.evW, mayDraw: now.evW, limit, margin: 0 }
  return barOf('Event', values, limit - base - now.evW, watts(format))
}
