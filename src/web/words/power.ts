import type { Load, Node, Reason, Site } from '../wire.ts'

export type SourceKind = 'grid' | 'ev' | 'load' | 'pv' | 'battery' | 'genset'

/** One line of the power balance. */
export interface Source {
  readonly id: string
  readonly kind: SourceKind
  readonly name: string
  /** Watts in the direction that `words` says; `null` = not known. */
  readonly powerW: number | null
  readonly words: string
  /** Worked out or old, and why. */
  readonly doubt: string | null
  /** Watts into the site's busbar (positive) or out of it; `null` = not known. */
  readonly feedW: number | null
}

const LOAD_KINDS: Readonly<Record<Load['kind'], SourceKind>> = {
  building: 'load',
  other: 'load',
  pv: 'pv',
  battery: 'battery',
  genset: 'genset',
}

const wayOf = (kind: SourceKind, drawnW: number): string => {
  switch (kind) {
    case 'grid':
      return drawnW < 0 ? 'export' : 'import'
    case 'battery':
      return drawnW < 0 ? 'discharging' : 'charging'
    case 'pv':
    case 'genset':
      return drawnW > 0 ? 'own use' : 'producing'
    case 'load':
    case 'ev':
      return drawnW < 0 ? 'producing' : 'use'
  }
}

const source = (
  fields: Pick<Source, 'id' | 'kind' | 'name' | 'doubt'>,
  drawnW: number | null,
): Source => {
  const isGrid = fields.kind === 'grid'
  if (drawnW === null) return { ...fields, powerW: null, words: 'not known', feedW: null }
  return {
    ...fields,
    powerW: Math.abs(drawnW),
    words: wayOf(fields.kind, Math.abs(drawnW) < 50 ? 0 : drawnW),
    feedW: isGrid ? drawnW : -drawnW,
  }
}

const loadSource = (load: Load, age: (seconds: number) => string): Source => {
  const { id, name, reading, meterId } = load
  const watts = reading?.powerW ?? sumOf(reading?.powerPerPhaseW)
  const doubt =
    meterId === null
      ? 'no meter'
      : reading === null
        ? 'its meter is silent'
        : reading.stale
          ? `${age(reading.ageS)} old`
          : null
  return source({ id: `load-${id}`, kind: LOAD_KINDS[load.kind], name, doubt }, watts)
}

const sumOf = (values: readonly number[] | undefined): number | null =>
  values ? values.reduce((sum, value) => sum + value, 0) : null

/** Meter that a reason is about. */
const meterOf = (reason: Reason): unknown => (reason as { meterId?: unknown }).meterId

/** Chargers with a running transaction, and how many of them tell their power. */
export interface Metered {
  readonly running: number
  readonly told: number
}

const vehicles = ({ evW }: Site, { running, told }: Metered): Source => {
  const silent = running - told
  return source(
    {
      id: 'vehicles',
      kind: 'ev',
      name: 'Vehicles',
      doubt: silent > 0 ? `${silent} not measured` : null,
    },
    running > 0 && told === 0 ? null : evW,
  )
}

/**
 * What is not measured, from what is: the balance of a site closes. One load without a reading is the
 * rest; more of them are one line together.
 */
const withRest = (sources: readonly Source[], isAssumed: boolean): Source[] => {
  const unknown = sources.filter(({ kind, feedW }) => feedW === null && kind !== 'ev')
  const vehiclesUnknown = sources.some(({ kind, feedW }) => kind === 'ev' && feedW === null)
  if (unknown.length === 0 || unknown.some(({ kind }) => kind === 'grid') || vehiclesUnknown) {
    return [...sources]
  }
  const restW = sources.reduce((sum, { feedW }) => sum + (feedW ?? 0), 0)
  const doubt = isAssumed ? 'assumed: no meter' : 'calculated: no meter'
  if (unknown.length === 1) {
    const [{ id, kind, name }] = unknown
    const rest = source({ id, kind, name, doubt }, restW)
    return sources.map((each) => (each.id === id ? rest : each))
  }
  return [...sources, source({ id: 'rest', kind: 'load', name: 'Unmetered loads', doubt }, restW)]
}

/** Grid, loads and sources as metered, vehicles last. */
export const sourcesOf = (
  site: Site,
  connection: Node | undefined,
  metered: Metered,
  age: (seconds: number) => string,
): Source[] => {
  const isGridSilent =
    connection?.now?.problems.some((problem) => meterOf(problem) === connection.meterId) ?? false
  const isGridMetered = connection?.meterId != null && !isGridSilent
  const sources = [
    source(
      {
        id: 'grid',
        kind: 'grid',
        name: 'Grid',
        doubt: isGridSilent ? 'calculated: its meter is silent' : null,
      },
      site.gridW,
    ),
    ...site.loads.map((load) => loadSource(load, age)),
    vehicles(site, metered),
  ]
  return withRest(sources, !isGridMetered)
}
