import { lineCurrent, wattsPerAmp, type Wiring } from '../../../../src/domain/wiring.ts'
import type { BacktestOptions } from '../../../../src/sim/backtest/backtest.ts'
import { perfectKnowledge } from '../../../../src/sim/backtest/knowledge.ts'
import type { Network, NetworkNode } from '../../../../src/sim/backtest/network/network.ts'
import type { Case, Stay } from '../../../../src/sim/backtest/stay.ts'

/** Cases that can be worked out by hand: hours as steps, 1 A for one hour is 230 Wh on one line. */

const SUPPLY = { kind: 'three-phase', voltageV: 230 } as const
export const AMP_HOUR_WH = 230
export const START_MS = Date.UTC(2026, 2, 2)

/** EVSEs A, B, C ... on L1, 6 to 32 A, below one fuse. */
export const network = (
  limitA: number | null,
  over: Partial<NetworkNode> = {},
  wirings: readonly Wiring[] = ['L1', 'L1', 'L1'],
): Network => ({
  name: 'test',
  nodes: [
    {
      id: 'fuse',
      parent: -1,
      limitA: limitA === null ? null : [limitA, limitA, limitA],
      limitW: null,
      deltaRatio: null,
      ...over,
    },
  ],
  evses: wirings.map((wiring, k) => ({
    id: 'ABC'[k],
    stationId: 'ABC'[k],
    node: 0,
    line: lineCurrent(wiring, SUPPLY),
    wattsPerAmp: wattsPerAmp(wiring, SUPPLY),
    minA: 6,
    maxA: 32,
  })),
})

/** A stay at EVSE `evse` in hours [arrive, depart) that needs so many ampere hours. */
export const stay = (
  evse: number,
  arrive: number,
  depart: number,
  needAh: number,
  over: Partial<Stay> = {},
): Stay => ({
  id: `${evse} ${arrive}`,
  evse,
  user: null,
  arrive,
  depart,
  needWh: needAh * AMP_HOUR_WH,
  maxA: 32,
  declared: null,
  ...over,
})

export const hours = (steps: number, ...stays: readonly Stay[]): Case => ({
  grid: { startMs: START_MS, stepS: 3600, steps },
  stays: [...stays].sort((a, b) => a.arrive - b.arrive),
})

export const options = (over: Partial<BacktestOptions> = {}): BacktestOptions => ({
  knowledge: perfectKnowledge,
  isUnsure: false,
  pilots: { kind: 'continuous' },
  maxChanges: null,
  goal: { kind: 'energy' },
  billing: null,
  revenuePerKwh: 0,
  now: () => 0,
  ...over,
})
