import { evenly } from '../../src/domain/phases.ts'
import type { Evse, Node, Site } from '../../src/domain/site.ts'
import { lineCount, terminalPhases, WIRINGS, type Wiring } from '../../src/domain/wiring.ts'
import type { Random } from '../../src/ports/random.ts'

export interface SiteOptions {
  evses?: number
  limitA?: number
  panelLimitA?: number
  failsafeA?: number
  /** Each EVSE has one of these; without them any from a line to neutral or of three phases. */
  wirings?: readonly Wiring[]
  /** What the site's only meter measures: the building alone, or all that flows in. */
  meter?: 'building' | 'connection'
  /** Every EVSE is on three phases and may switch to the first of them. */
  phaseSwitching?: boolean
}

const node = (
  id: string,
  parentId: string | null,
  limitA: number,
  meterId: string | null = null,
): Node => ({ id, name: id, parentId, limitA: evenly(limitA), limitW: null, meterId, margin: 0.06 })

/** A connection with a building, and two panels whose EVSEs take turns and draw their wiring. */
export const createSite = (options: SiteOptions, random: Random): Site => {
  const { evses = 8, limitA = 80, panelLimitA = limitA * 0.6, failsafeA = 6 } = options
  const { meter = 'building', phaseSwitching = false } = options
  const wirings =
    options.wirings ??
    WIRINGS.filter((wiring) => (phaseSwitching ? lineCount(wiring) === 3 : lineCount(wiring) !== 2))

  const evse = (_: unknown, k: number): Evse => {
    const wiring = wirings[Math.floor(random.next() * wirings.length)]
    return {
      key: `cp${k}/1`,
      stationId: `cp${k}`,
      evseId: 1,
      nodeId: `panel${k % 2}`,
      wiring,
      current: 'AC',
      maxA: 32,
      minA: 6,
      failsafeA,
      priority: 0,
      efficiency: 1,
      ...(phaseSwitching && { phaseSwitch: { line: terminalPhases(wiring)[0] as 0 | 1 | 2 } }),
    }
  }

  return {
    id: 'test',
    name: 'test',
    timeZone: 'UTC',
    supply: { kind: 'three-phase', voltageV: 230 },
    nodes: [
      node('connection', null, limitA, meter === 'connection' ? 'total' : null),
      node('panel0', 'connection', panelLimitA),
      node('panel1', 'connection', panelLimitA),
    ],
    loads: [
      {
        id: 'building',
        name: 'building',
        nodeId: 'connection',
        kind: 'building',
        meterId: meter === 'building' ? 'building' : null,
        wiring: 'L1L2L3',
        designA: [25, 25, 25],
      },
    ],
    evses: Array.from({ length: evses }, evse),
  }
}
