import { Type, type Static } from 'typebox'
import type { SiteView } from '../../control/view.ts'
import type { ApiDeps } from '../deps.ts'
import { flag, named, nullable, number, perPhase } from '../shapes.ts'
import type { Words } from '../words.ts'
import { GRANT, presentGrant } from './evse.ts'
import { NODE, presentNode } from './node.ts'
import { presentSummary, SITE_SUMMARY } from './site.ts'

const LIVE_GRANT = named('LiveGrant', 'What an EVSE may draw and what it draws', {
  ...GRANT.properties,
  drawA: nullable(perPhase('amperes; null = not measured')),
  powerW: nullable(number('null = not measured')),
  online: flag(),
})

/** Everything that a live page shows of the site. */
export const SNAPSHOT = named('Snapshot', 'The site as the last control tick saw it', {
  site: SITE_SUMMARY,
  nodes: Type.Array(NODE),
  grants: Type.Array(LIVE_GRANT),
})

export const presentSnapshot = (
  view: SiteView,
  deps: Pick<ApiDeps, 'site' | 'meters'>,
  words: Words,
): Static<typeof SNAPSHOT> => {
  const nodes = new Map(view.nodes.map((node) => [node.id, node]))
  return {
    site: presentSummary(view, deps),
    nodes: deps.site.nodes.map((node) => presentNode(node, nodes.get(node.id), words)),
    grants: view.evses.map((evse) => ({
      ...presentGrant(evse, words),
      drawA: evse.drawA,
      powerW: evse.powerW,
      online: evse.online,
    })),
  }
}
