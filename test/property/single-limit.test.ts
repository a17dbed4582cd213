import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lineCurrent, wattsPerAmp } from '../../src/domain/wiring.ts'
import { runBacktest } from '../../src/sim/backtest/backtest.ts'
import { perfectKnowledge } from '../../src/sim/backtest/knowledge.ts'
import type { Network } from '../../src/sim/backtest/network/network.ts'
import type { Case, Stay } from '../../src/sim/backtest/stay.ts'

/**
 * A car park below one power limit, replayed online: nobody knows who will come. Earliest departure
 * first is what a simple controller does there, and Busbar must not deliver less.
 */
const SUPPLY = { kind: 'three-phase', voltageV: 230 } as const
const STEPS = 48
const STEP_S = 1800

const networkOf = (evses: number, limitKw: number): Network => ({
  name: 'one limit',
  nodes: [{ id: 'site', parent: -1, limitA: null, limitW: limitKw * 1000, deltaRatio: null }],
  evses: Array.from({ length: evses }, (_, k) => ({
    id: `E${k}`,
    stationId: `E${k}`,
    node: 0,
    line: lineCurrent('L1L2L3', SUPPLY),
    wattsPerAmp: wattsPerAmp('L1L2L3', SUPPLY),
    minA: 6,
    maxA: 32,
  })),
})

interface Vehicle {
  readonly gap: number
  readonly length: number
  readonly part: number
  readonly maxA: number
}

/** One vehicle after the other at each EVSE: gap, length (steps), part of what it could take, amperes. */
const vehicle = fc.record({
  gap: fc.integer({ min: 0, max: 8 }),
  length: fc.integer({ min: 2, max: 20 }),
  part: fc.double({ min: 0.1, max: 1, noNaN: true }),
  maxA: fc.constantFrom(10, 16, 32),
})
const site = fc.record({
  evses: fc.array(fc.array(vehicle, { minLength: 1, maxLength: 4 }), {
    minLength: 3,
    maxLength: 10,
  }),
  /** Of all EVSEs at full power. */
  limitPart: fc.double({ min: 0.1, max: 0.5, noNaN: true }),
})

const caseOf = (evses: readonly (readonly Vehicle[])[], perAmpW: number): Case => {
  const stays: Stay[] = evses.flatMap((vehicles, evse) => {
    let t = 0
    return vehicles.flatMap(({ gap, length, part, maxA }): Stay[] => {
      const arrive = t + gap
      const depart = Math.min(STEPS, arrive + length)
      t = depart
      if (depart - arrive < 2) return []
      const needWh = part * maxA * perAmpW * (depart - arrive) * (STEP_S / 3600)
      return [{ id: `${evse} ${arrive}`, evse, user: null, arrive, depart, needWh, maxA, declared: null }] // prettier-ignore
    })
  })
  stays.sort((a, b) => a.arrive - b.arrive || a.evse - b.evse)
  return { grid: { startMs: Date.UTC(2026, 2, 2), stepS: STEP_S, steps: STEPS }, stays }
}

const servedBy = (name: 'edf' | 'busbar', network: Network, one: Case): number => {
  const { measures } = runBacktest(name, network, one, {
    knowledge: perfectKnowledge,
    isUnsure: false,
    pilots: { kind: 'continuous' },
    maxChanges: null,
    goal: { kind: 'energy' },
    billing: null,
    revenuePerKwh: 0,
    now: () => 0,
  })
  expect(measures.hoursAboveLimit).toBe(0)
  return measures.served
}

test(
  'below one limit Busbar delivers at least what earliest departure first does',
  { timeout: 120_000 },
  () => {
    let compared = 0
    fc.assert(
      fc.property(site, ({ evses, limitPart }) => {
        const perAmpW = wattsPerAmp('L1L2L3', SUPPLY)
        const network = networkOf(evses.length, (limitPart * evses.length * 32 * perAmpW) / 1000)
        const one = caseOf(evses, perAmpW)
        if (one.stays.length === 0) return
        compared++
        expect(servedBy('busbar', network, one)).toBeGreaterThanOrEqual(
          servedBy('edf', network, one) - 5e-4,
        )
      }),
      { numRuns: 120, seed: 20261130 },
    )
    expect(compared).toBeGreaterThan(100)
  },
)
