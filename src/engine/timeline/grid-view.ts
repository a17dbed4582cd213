import type { PerPhase } from '../../domain/phases.ts'
import { total } from '../../domain/phases.ts'
import type { Evse, Node, Site } from '../../domain/site.ts'
import { wattsPerAmp } from '../../domain/wiring.ts'

/** The EVSEs that an event is about. */
export interface TargetSet {
  /** Equal for equal sets; empty for the whole site. */
  readonly id: string
  /** The node that the set is exactly, the grid connection for the whole site; else `null`. */
  readonly nodeId: string | null
  /** EVSE keys; `null` = all. */
  readonly keys: ReadonlySet<string> | null
  /** Their places in `site.evses`, ascending. */
  readonly members: readonly number[]
  /** What these EVSEs can draw together, watts. */
  readonly ratingW: number
}

export interface NodeRating {
  readonly nodeId: string
  /** The tighter of the power limit and the ampere limits at nominal voltage. */
  readonly powerW: number
  readonly currentA: PerPhase | null
}

/** What the timeline must know of the site: who is meant by a target and how big it is. */
export interface GridView {
  readonly site: Site
  /** Fraction of the fleet's rating that each level of a `level` signal allows. */
  readonly levels: readonly number[]
  /** ISO 4217 code of the site's money; `null` = any will do. */
  readonly currency: string | null
  /** Targets that are neither a node id, a station id nor an EVSE key. */
  unknown(targets: readonly string[]): readonly string[]
  /** The union of the targets; empty = the whole site. Unknown ones count for nothing. */
  resolve(targets: readonly string[]): TargetSet
  /** Undefined for what is not the key of an EVSE. */
  evse(key: string): Evse | undefined
  /** `null` for what is not a node. */
  nodeRating(nodeId: string): NodeRating | null
  /** Rating of one EVSE on the AC side, watts. */
  evseRatingW(evse: Evse): number
}

export const inSet = (set: TargetSet, key: string): boolean =>
  set.keys === null || set.keys.has(key)

/** What the EVSEs of a set draw together when each has the limit. */
export const sumOfEvses = (
  set: TargetSet,
  unit: 'A' | 'W' | 'fraction',
  value: number,
  view: GridView,
): number =>
  view.site.evses
    .filter((evse) => inSet(set, evse.key))
    .reduce((sum, evse) => {
      const ratingW = view.evseRatingW(evse)
      const perAmpW = wattsPerAmp(evse.wiring, view.site.supply)
      const limitW = unit === 'A' ? value * perAmpW : unit === 'W' ? value : value * ratingW
      return sum + Math.min(ratingW, limitW)
    }, 0)

const MAX_REMEMBERED = 10_000

/** O(nodes + EVSEs) to build; a target list is resolved once and remembered. */
export const createGridView = (
  site: Site,
  levels: readonly number[],
  currency: string | null = null,
): GridView => {
  const nodes = new Map<string, Node>(site.nodes.map((node) => [node.id, node]))
  const positions = new Map<string, number>(site.evses.map((evse, i) => [evse.key, i]))
  const byStation = Map.groupBy(site.evses, (evse) => evse.stationId)
  const remembered = new Map<string, TargetSet>()
  const rootId = site.nodes[0].id

  const evseRatingW = (evse: Evse): number => evse.maxA * wattsPerAmp(evse.wiring, site.supply)

  const whole: TargetSet = {
    id: '',
    nodeId: rootId,
    keys: null,
    members: site.evses.map((_, e) => e),
    ratingW: site.evses.reduce((sum, evse) => sum + evseRatingW(evse), 0),
  }

  const below = new Map<string, Evse[]>(site.nodes.map((node) => [node.id, []]))
  for (const evse of site.evses) {
    for (let id: string | null = evse.nodeId; id !== null; id = nodes.get(id)?.parentId ?? null) {
      below.get(id)?.push(evse)
    }
  }

  const evsesOf = (target: string): readonly Evse[] => {
    const position = positions.get(target)
    if (position !== undefined) return [site.evses[position]]
    return below.get(target) ?? byStation.get(target) ?? []
  }

  const build = (targets: readonly string[]): TargetSet => {
    if (targets.length === 0 || targets.includes(rootId)) return whole
    const keys = new Set(targets.flatMap((target) => evsesOf(target).map((evse) => evse.key)))
    const nodeId = targets.length === 1 && nodes.has(targets[0]) ? targets[0] : null
    const members = [...keys].map((key) => positions.get(key)!).sort((a, b) => a - b)
    const ratingW = members.reduce((sum, member) => sum + evseRatingW(site.evses[member]), 0)
    // A node id holds neither comma nor hash sign.
    return { id: nodeId ?? `#${members.join(',')}`, nodeId, keys, members, ratingW }
  }

  return {
    site,
    levels,
    currency,
    unknown: (targets) =>
      targets.filter(
        (target) => !positions.has(target) && !nodes.has(target) && !byStation.has(target),
      ),
    resolve(targets) {
      const wanted = targets.join('\n')
      let set = remembered.get(wanted)
      if (!set) {
        set = build(targets)
        if (remembered.size >= MAX_REMEMBERED) remembered.clear()
        remembered.set(wanted, set)
      }
      return set
    },
    evse(key) {
      const position = positions.get(key)
      return position === undefined ? undefined : site.evses[position]
    },
    nodeRating(nodeId) {
      const node = nodes.get(nodeId)
      if (!node) return null
      const byCurrentW = node.limitA === null ? Infinity : total(node.limitA) * site.supply.voltageV
      return {
        nodeId,
        powerW: Math.min(node.limitW ?? Infinity, byCurrentW),
        currentA: node.limitA,
      }
    },
    evseRatingW,
  }
}
