import { PHASES } from '../domain/phases.ts'
import type { Site } from '../domain/site.ts'
import { lineCount } from '../domain/wiring.ts'
import { addLoad, createRows, rowLoad } from '../engine/rows.ts'
import { compileTopology } from '../engine/topology.ts'
import type { Config } from './schema.ts'

type Found = { path: (string | number)[]; message: string }

/**
 * The safety check of the design: with every station on its failsafe and every load at its design
 * load, no node may be above its limit, or silence would not be safe. Also single values that cannot
 * work.
 */
export const checkDesign = (config: Config, site: Site): Found[] => [
  ...checkEvses(config, site),
  ...checkNodes(config, site),
]

const checkEvses = (config: Config, site: Site): Found[] =>
  site.evses.flatMap((evse) => {
    const path = ['stations', config.stations.findIndex(({ id }) => id === evse.stationId)]
    const wrong = (message: string): Found => ({ path, message: `(${evse.key}) ${message}` })
    if (evse.minA > evse.maxA) {
      return [wrong(`has minA ${evse.minA} above maxA ${evse.maxA}; lower one or raise the other`)]
    }
    if (evse.failsafeA > evse.maxA) {
      return [wrong(`has failsafeA ${evse.failsafeA} above maxA ${evse.maxA}; lower it`)]
    }
    if (evse.failsafeA > 0 && evse.failsafeA < evse.minA) {
      return [
        wrong(
          `has failsafeA ${evse.failsafeA} below minA ${evse.minA}, which no charger can offer; use 0 or at least ${evse.minA}`,
        ),
      ]
    }
    if (evse.phaseSwitch && (evse.current === 'DC' || lineCount(evse.wiring) !== 3)) {
      const what = evse.current === 'DC' ? 'DC' : `wired to ${evse.wiring}`
      return [
        wrong(
          `has phaseSwitching but is ${what}; only an AC EVSE on three phases can use one of them, so set phaseSwitching: false`,
        ),
      ]
    }
    return []
  })

const checkNodes = (config: Config, site: Site): Found[] => {
  const topology = compileTopology(site)
  const rows = createRows(topology)
  for (let evse = 0; evse < site.evses.length; evse++) {
    const { control, failsafeA, maxA } = site.evses[evse]
    addLoad(rows, topology, topology, evse, control === 'off' ? maxA : failsafeA)
  }
  const designA = new Float64Array(topology.nodeCount * 3)
  for (const load of site.loads) {
    const node = topology.nodeIds.indexOf(load.nodeId)
    for (let n = node; n >= 0; n = topology.parent[n]) {
      for (let line = 0; line < 3; line++) designA[n * 3 + line] += load.designA[line]
    }
  }
  return site.nodes.flatMap((node, n) => {
    const path = ['nodes', config.nodes.findIndex(({ id }) => id === node.id)]
    for (let line = 0; line < 3; line++) {
      if (!node.limitA) break
      const failsafes = rowLoad(rows, n, line)
      const excess = failsafes + designA[n * 3 + line] - node.limitA[line]
      if (excess <= 1e-6) continue
      return [
        {
          path,
          message:
            `(${node.id}) cannot carry its failsafes: on ${PHASES[line]} they add up to ` +
            `${round(failsafes)} A plus ${round(designA[n * 3 + line])} A design load, ` +
            `${round(excess)} A above its limit of ${node.limitA[line]} A; ` +
            'lower failsafeA (0 = pause when Busbar is silent) or designA',
        },
      ]
    }
    if (node.limitW === null) return []
    const designW =
      (designA[n * 3] + designA[n * 3 + 1] + designA[n * 3 + 2]) * site.supply.voltageV
    const excessW = rows.loadW[n] + designW - node.limitW
    if (excessW <= 1e-3) return []
    return [
      {
        path,
        message:
          `(${node.id}) cannot carry its failsafes: ${round(rows.loadW[n] / 1000)} kW plus ` +
          `${round(designW / 1000)} kW design load is ${round(excessW / 1000)} kW above its limit; ` +
          'lower failsafeA or designA',
      },
    ]
  })
}

const round = (value: number): number => Math.round(value * 10) / 10
