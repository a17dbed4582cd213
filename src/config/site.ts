import { evenly, perPhase, PHASES, type PerPhase, type Phase } from '../domain/phases.ts'
import { evseKey, type Evse, type Site } from '../domain/site.ts'
import { ONAN_TRANSFORMER, type Transformer } from '../domain/transformer.ts'
import { terminalPhases, type Wiring } from '../domain/wiring.ts'
import type { Config } from './schema.ts'

type EvseSettings = Pick<
  Config['stations'][number],
  | 'wiring'
  | 'current'
  | 'maxA'
  | 'minA'
  | 'failsafeA'
  | 'priority'
  | 'efficiency'
  | 'phaseSwitching'
  | 'phaseSwitchPhase'
>

/** Part of a limit that is never given out unless the node says otherwise. */
const DEFAULT_MARGIN = 0.05

const DEFAULTS = {
  wiring: 'L1L2L3' as Wiring,
  current: 'AC' as const,
  maxA: 32,
  minA: 6,
  failsafeA: 6,
  priority: 0,
}

/** The domain's view of a valid configuration. Parents are put before children. */
export const buildSite = (config: Config): Site => ({
  id: config.site.id,
  name: config.site.name ?? config.site.id,
  timeZone: config.site.timeZone,
  supply: config.site.supply,
  ...(config.site.imbalanceLimitA !== undefined && {
    imbalanceLimitA: config.site.imbalanceLimitA,
  }),
  nodes: parentsFirst(config.nodes).map((node) => ({
    id: node.id,
    name: node.name ?? node.id,
    parentId: node.parent ?? null,
    limitA: node.limitA === undefined ? null : triple(node.limitA),
    limitW: node.limitKw === undefined ? null : node.limitKw * 1000,
    meterId: node.meter ?? null,
    margin: node.margin ?? DEFAULT_MARGIN,
    ...(node.thermal && { transformer: transformerOf(node.thermal) }),
  })),
  loads: (config.loads ?? []).map((load) => {
    const wiring = load.wiring ?? 'L1L2L3'
    return {
      id: load.id,
      name: load.name ?? load.id,
      nodeId: load.node,
      kind: load.kind,
      meterId: load.meter ?? null,
      wiring,
      designA: designOf(load.designA ?? 0, wiring),
      ...(load.exportA !== undefined && { exportA: designOf(load.exportA, wiring) }),
    }
  }),
  evses: config.stations.flatMap((station) => evsesOf(station, config)),
})

const transformerOf = (thermal: NonNullable<Config['nodes'][number]['thermal']>): Transformer => {
  const { ratedKva, ambientC, oilTimeMin, windingTimeMin, ...given } = thermal
  return {
    ...ONAN_TRANSFORMER,
    ...given,
    ratedVa: ratedKva * 1000,
    ambientC: typeof ambientC === 'number' ? Array.from({ length: 12 }, () => ambientC) : ambientC,
    ...(oilTimeMin !== undefined && { oilTimeS: oilTimeMin * 60 }),
    ...(windingTimeMin !== undefined && { windingTimeS: windingTimeMin * 60 }),
  }
}

const evsesOf = (station: Config['stations'][number], config: Config): Evse[] =>
  (station.evses ?? [{ id: 1 }]).map((own) => {
    const pick = <K extends keyof EvseSettings>(key: K): EvseSettings[K] =>
      (own as EvseSettings)[key] ?? station[key] ?? config.stationDefaults?.[key]
    const current = pick('current') ?? DEFAULTS.current
    const wiring = pick('wiring') ?? DEFAULTS.wiring
    return {
      key: evseKey(station.id, own.id),
      stationId: station.id,
      evseId: own.id,
      nodeId: ('node' in own ? own.node : undefined) ?? station.node,
      wiring,
      current,
      maxA: pick('maxA') ?? DEFAULTS.maxA,
      minA: pick('minA') ?? (current === 'DC' ? 1 : DEFAULTS.minA),
      failsafeA: pick('failsafeA') ?? DEFAULTS.failsafeA,
      priority: pick('priority') ?? DEFAULTS.priority,
      efficiency: current === 'DC' ? (pick('efficiency') ?? 0.93) : 1,
      ...((station.control === 'off' || station.control === false) && { control: 'off' as const }),
      ...(pick('phaseSwitching') === true && {
        phaseSwitch: { line: lineOf(pick('phaseSwitchPhase') ?? null, wiring) },
      }),
    }
  })

/** The site phase of a switching EVSE that stays on: the one that is named, else its first. */
const lineOf = (phase: Phase | null, wiring: Wiring): 0 | 1 | 2 =>
  (phase === null ? terminalPhases(wiring)[0] : PHASES.indexOf(phase)) as 0 | 1 | 2

const triple = (value: number | number[]): PerPhase =>
  typeof value === 'number' ? evenly(value) : [value[0], value[1], value[2]]

/** A single number counts on the phases that the load is wired to. */
const designOf = (value: number | number[], wiring: Wiring): PerPhase => {
  if (typeof value !== 'number') return triple(value)
  const phases = terminalPhases(wiring)
  return perPhase((phase) => (phases.includes(phase) ? value : 0))
}

const parentsFirst = (nodes: Config['nodes']): Config['nodes'] => {
  const placed: Config['nodes'] = []
  const place = (parent: string | undefined): void => {
    for (const node of nodes) {
      if (node.parent !== parent || placed.includes(node)) continue
      placed.push(node)
      place(node.id)
    }
  }
  place(undefined)
  return placed
}
