import { createAllocator, type Allocator } from '../engine/allocate.ts'
import { createBindings, type Bindings } from '../engine/binding.ts'
import { createRows, type Rows } from '../engine/rows.ts'
import type { TargetSet } from '../engine/timeline/grid-view.ts'
import { withGroups, type Topology } from '../engine/topology.ts'
import type { EventCaps } from './event-caps.ts'

/** The tree with the groups that events limit now, and work space of its size. */
export interface Zones {
  readonly topology: Topology
  readonly allocate: Allocator
  /** Finds what binds a grant. */
  readonly bindings: Bindings
  /** Caps that grants are made for. */
  readonly rows: Rows
  /** Caps above which decreases cannot wait. */
  readonly guardRows: Rows
  readonly spareRows: Rows
  /** What must hold when Busbar is silent. */
  readonly silentRows: Rows
}

/** Id of the zone that a set of EVSEs is. */
export const zoneId = ({ nodeId, id }: TargetSet): string => nodeId ?? id

const zonesFor = (topology: Topology): Zones => ({
  topology,
  allocate: createAllocator(topology),
  bindings: createBindings(topology),
  rows: createRows(topology),
  guardRows: createRows(topology),
  spareRows: createRows(topology),
  silentRows: createRows(topology),
})

/** Made anew only when other sets are limited than before. */
export const createZones = (tree: Topology): ((events: EventCaps) => Zones) => {
  let zones = zonesFor(tree)
  let known = ''
  return ({ controllable }) => {
    const groups = new Map<string, TargetSet>()
    for (const { set } of controllable) if (set.nodeId === null) groups.set(set.id, set)
    const ids = [...groups.keys()].join(' ')
    if (ids === known) return zones
    known = ids
    zones = zonesFor(withGroups(tree, [...groups.values()]))
    return zones
  }
}
