import { PHASES } from '../domain/phases.ts'
import type { GridView, TargetSet } from '../engine/timeline/grid-view.ts'
import {
  evseLimitA,
  type GroupLimits,
  type NodeLimits,
  type Segment,
} from '../engine/timeline/segment.ts'

/** What grid events demand of a site at one instant; absent means that no event says anything. */
export interface EventCaps {
  /** Caps on what sets of EVSEs draw together; all of them for the whole site. */
  readonly controllable: readonly SetCap[]
  /** Caps on everything that flows through a node, uncontrolled loads included. */
  readonly through: readonly ThroughCap[]
  /** An event asks for a power: it is followed upwards too, whatever the plan would rather do. */
  readonly follow: boolean
  /** Ids of the events that limit something. */
  readonly active: ReadonlySet<string>
  /** Cap of one EVSE, amperes per conductor; `onOnePhase`: of its three it uses one now. */
  evseLimit(
    key: string,
    onOnePhase?: boolean,
  ): { readonly limitA: number; readonly eventId: string } | null
}

export interface SetCap {
  readonly set: TargetSet
  readonly limitW: number
  readonly eventId: string
  readonly kind: 'limit' | 'setpoint'
}

export interface ThroughCap {
  readonly nodeId: string
  readonly limitW: number
  /** Per line; Infinity = none. */
  readonly limitA: readonly [number, number, number]
  readonly eventId: string
  readonly kind: 'limit' | 'setpoint'
}

export const NO_CAPS: EventCaps = {
  controllable: [],
  through: [],
  follow: false,
  active: new Set(),
  evseLimit: () => null,
}

const NONE = [Infinity, Infinity, Infinity] as const

/** The caps of one segment of the timeline. */
export const capsOf = (segment: Segment, view: GridView): EventCaps => {
  const controllable = [segment.controllable, ...segment.groups].flatMap(setCap)
  const through = [segment.connection, ...segment.nodes].flatMap(throughCap)
  for (const { scope, set, powerW: limitW, eventId } of segment.targets) {
    if (scope === 'controllable') {
      controllable.push({ set, limitW, eventId, kind: 'setpoint' })
    } else {
      const nodeId = set.nodeId ?? view.site.nodes[0].id
      through.push({ nodeId, limitW, limitA: NONE, eventId, kind: 'setpoint' })
    }
  }
  const limiting = [...controllable, ...through, ...segment.evseRules]
  return {
    controllable,
    through,
    follow: segment.targets.some((target) => target.aim === 'follow'),
    active: new Set(limiting.map(({ eventId }) => eventId)),
    evseLimit: (key, onOnePhase = false) => {
      const evse = segment.evseRules.length === 0 ? undefined : view.evse(key)
      const rule = evse ? evseLimitA(segment, evse, view, onOnePhase) : null
      return rule && { limitA: rule.value, eventId: rule.eventId }
    },
  }
}

const setCap = ({ set, importW }: GroupLimits): SetCap[] =>
  importW === null ? [] : [{ set, limitW: importW.value, eventId: importW.eventId, kind: 'limit' }]

const throughCap = (limits: NodeLimits): ThroughCap[] => {
  const caps: ThroughCap[] = []
  if (limits.importW) {
    caps.push({
      nodeId: limits.nodeId,
      limitW: limits.importW.value,
      limitA: NONE,
      eventId: limits.importW.eventId,
      kind: 'limit',
    })
  }
  PHASES.forEach((_, line) => {
    const bound = limits.importA[line]
    if (!bound) return
    const limitA: [number, number, number] = [...NONE]
    limitA[line] = bound.value
    caps.push({
      nodeId: limits.nodeId,
      limitW: Infinity,
      limitA,
      eventId: bound.eventId,
      kind: 'limit',
    })
  })
  return caps
}
