import { Gauge, type Registry } from 'prom-client'
import { PHASES, type PerPhase } from '../../domain/phases.ts'
import type { ApiDeps } from '../deps.ts'

/** Nodes beyond this have no series of their own; the first ones are nearest to the grid. */
const MAX_NODES = 200

/** Loads, limits and headroom of the electrical tree. */
export const collectNodes = (register: Registry, { controller }: Pick<ApiDeps, 'controller'>) => {
  const registers = [register]
  const byPhase = (name: string, help: string): Gauge<'node' | 'phase'> =>
    new Gauge({ name, help, labelNames: ['node', 'phase'], registers: [] })

  const load = byPhase('busbar_node_load_amperes', 'Current through a node')
  const limit = byPhase('busbar_node_limit_amperes', 'Rated current of a node')
  const headroom = byPhase('busbar_node_headroom_amperes', 'Left if vehicles draw what they may')
  const power = new Gauge({
    name: 'busbar_node_load_watts',
    help: 'Power through a node',
    labelNames: ['node'],
    registers: [],
  })
  const eventLimit = new Gauge({
    name: 'busbar_node_event_limit_watts',
    help: 'The tightest limit of an event at a node; absent without one',
    labelNames: ['node'],
    registers: [],
  })
  const all = [load, limit, headroom, power, eventLimit]

  const set = (gauge: typeof load, node: string, values: PerPhase | null): void => {
    if (values === null) return
    for (const [line, phase] of PHASES.entries()) gauge.set({ node, phase }, values[line])
  }

  const failsafe = new Gauge({
    name: 'busbar_site_failsafe',
    help: '1 while a broken control tick keeps the site on its failsafe',
    registers,
    collect: () => {
      const view = controller.view()
      failsafe.set(view.failsafe === null ? 0 : 1)
      for (const gauge of all) gauge.reset()
      for (const node of view.nodes.slice(0, MAX_NODES)) {
        set(load, node.id, node.loadA)
        set(limit, node.id, node.limitA)
        set(headroom, node.id, node.headroomA)
        power.set({ node: node.id }, node.loadW)
        if (node.eventLimitW !== null) eventLimit.set({ node: node.id }, node.eventLimitW)
      }
    },
  })
  // After the one that fills them.
  for (const gauge of all) register.registerMetric(gauge)
}
