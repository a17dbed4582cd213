import { Type, type Static } from 'typebox'
import type { SiteView } from '../../control/view.ts'
import type { LoadNode } from '../../domain/site.ts'
import { WIRINGS } from '../../domain/wiring.ts'
import type { ApiDeps } from '../deps.ts'
import { rounded } from '../rounded.ts'
import { choice, integer, named, nullable, number, perPhase, text, time } from '../shapes.ts'
import { iso } from '../time.ts'
import { LATEST_READING, presentLatest } from './reading.ts'

const LOAD = named('Load', 'A load or source that is measured but not steered', {
  id: text(),
  name: text(),
  nodeId: text(),
  kind: choice(['building', 'pv', 'battery', 'genset', 'other']),
  meterId: nullable(text()),
  wiring: choice(WIRINGS),
  designA: perPhase('assumed while its meter says nothing, amperes'),
  reading: nullable(LATEST_READING),
})

/** What changes from second to second. */
const SITE_STATE = {
  at: nullable(time('of the last control tick; null before the first')),
  failsafe: nullable(text('null = normal; otherwise why the site is on its failsafe')),
  gridW: nullable(number('through the grid connection, positive = import')),
  evW: number('all vehicles'),
  uncontrolledW: nullable(number('everything else at the grid connection')),
  loads: Type.Array(LOAD),
}

export const SITE = named('Site', 'One grid connection and what flows through it', {
  id: text(),
  name: text(),
  timeZone: text('IANA'),
  currency: text('ISO 4217'),
  version: text('of Busbar'),
  supply: named('Supply', 'The kind of grid', {
    kind: choice(['three-phase', 'split-phase', 'single-phase']),
    voltageV: number('line to neutral'),
  }),
  connectionNodeId: text(),
  nodeCount: integer(),
  evseCount: integer(),
  ...SITE_STATE,
})

export const SITE_SUMMARY = named('SiteSummary', 'The power of the site now', SITE_STATE)

type Deps = Pick<ApiDeps, 'site' | 'meters'>

const presentLoad = (load: LoadNode, { meters }: Deps): Static<typeof LOAD> => {
  const { id, name, nodeId, kind, meterId, wiring, designA } = load
  const latest = meterId === null ? null : meters.latest(meterId)
  const reading = latest && presentLatest(latest)
  return { id, name, nodeId, kind, meterId, wiring, designA, reading }
}

export const presentSummary = (view: SiteView, deps: Deps): Static<typeof SITE_SUMMARY> => {
  const connection = view.nodes.at(0)
  return {
    at: view.atMs > 0 ? iso(view.atMs) : null,
    failsafe: view.failsafe,
    gridW: connection ? rounded(connection.loadW) : null,
    evW: rounded(view.evses.reduce((sum, { powerW }) => sum + (powerW ?? 0), 0)),
    uncontrolledW: connection ? rounded(connection.uncontrolledW) : null,
    loads: deps.site.loads.map((load) => presentLoad(load, deps)),
  }
}

export const presentSite = (
  view: SiteView,
  deps: Deps & Pick<ApiDeps, 'currency' | 'version'>,
): Static<typeof SITE> => {
  const { site, currency, version } = deps
  const { kind, voltageV } = site.supply
  return {
    id: site.id,
    name: site.name,
    timeZone: site.timeZone,
    currency,
    version,
    supply: { kind, voltageV },
    connectionNodeId: site.nodes[0].id,
    nodeCount: site.nodes.length,
    evseCount: site.evses.length,
    ...presentSummary(view, deps),
  }
}
