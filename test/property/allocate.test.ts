import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Site } from '../../src/domain/site.ts'
import { WIRINGS, type Wiring } from '../../src/domain/wiring.ts'
import { createAllocator, type AllocationInput } from '../../src/engine/allocate.ts'
import { blockingRow, createRows, POWER_ROW, rowCap, rowLoad } from '../../src/engine/rows.ts'
import { compileTopology, withGroups, type Topology } from '../../src/engine/topology.ts'

interface Case {
  site: Site
  nodeCaps: { capA: [number, number, number]; capW: number }[]
  /** Each EVSE is in those whose bit it has. */
  groups: { bits: number; capW: number }[]
  asks: {
    reservedA: number
    minA: number
    maxA: number
    moreA: number
    priority: number
    rank: number
  }[]
}

const amps = (max: number) => fc.integer({ min: 0, max: max * 10 }).map((x) => x / 10)

const arbitraryCase = (wirings: readonly Wiring[]): fc.Arbitrary<Case> =>
  fc
    .record({
      parents: fc.array(fc.nat(), { maxLength: 5 }),
      evses: fc.array(
        fc.record({
          node: fc.nat(),
          wiring: fc.constantFrom(...wirings),
          reservedA: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, amps(10)),
          minA: fc.constantFrom(0, 6, 8),
          maxA: fc.oneof(fc.constant(0), fc.constant(16), fc.constant(32), amps(40)),
          moreA: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, amps(20)),
          priority: fc.constantFrom(0, 0, 1),
          rank: fc.nat(5),
        }),
        { maxLength: 14 },
      ),
      caps: fc.array(
        fc.record({
          capA: fc.tuple(amps(90), amps(90), amps(90)),
          capW: fc.oneof(fc.constant(Infinity), fc.integer({ min: -1000, max: 40_000 })),
          unlimited: fc.boolean(),
        }),
        { minLength: 6, maxLength: 6 },
      ),
      groups: fc.array(
        fc.record({ bits: fc.nat(2 ** 14 - 1), capW: fc.integer({ min: 0, max: 30_000 }) }),
        { maxLength: 3 },
      ),
    })
    .map(({ parents, evses, caps, groups }) => ({
      site: {
        id: 's',
        name: 's',
        timeZone: 'UTC',
        supply: { kind: 'three-phase', voltageV: 230 },
        nodes: [null, ...parents.map((p, k) => `n${p % (k + 1)}`)].map((parentId, k) => ({
          id: `n${k}`,
          name: `n${k}`,
          parentId,
          limitA: null,
          limitW: null,
          meterId: null,
          margin: 0,
        })),
        loads: [],
        evses: evses.map((e, k) => ({
          key: `cp${k}/1`,
          stationId: `cp${k}`,
          evseId: 1,
          nodeId: `n${e.node % (parents.length + 1)}`,
          wiring: e.wiring,
          current: 'AC',
          maxA: 40,
          minA: e.minA,
          failsafeA: 0,
          priority: e.priority,
          efficiency: 1,
        })),
      } satisfies Site,
      nodeCaps: caps.map((c) => ({
        capA: c.unlimited ? ([Infinity, Infinity, Infinity] as [number, number, number]) : c.capA,
        capW: c.capW,
      })),
      groups,
      asks: evses,
    }))

const isIn = (evse: number, { bits }: Case['groups'][number]): boolean => (bits >> evse) % 2 === 1

const run = ({ site, nodeCaps, groups, asks }: Case) => {
  const tree = compileTopology(site)
  const topology = withGroups(
    tree,
    groups.map((group, g) => ({
      id: `g${g}`,
      members: asks.flatMap((_, e) => (isIn(e, group) ? [e] : [])),
    })),
  )
  const rows = createRows(topology)
  site.nodes.forEach((_, n) => {
    rows.capA.set(nodeCaps[n].capA, n * 3)
    rows.capW[n] = nodeCaps[n].capW
  })
  groups.forEach(({ capW }, g) => (rows.capW[tree.nodeCount + g] = capW))
  const pick = (f: (ask: Case['asks'][number]) => number) => Float64Array.from(asks, f)
  const input: AllocationInput = {
    draws: topology,
    rows,
    reservedA: pick((a) => a.reservedA),
    minA: pick((a) => a.minA),
    maxA: pick((a) => (a.reservedA > 0 ? 0 : a.maxA)),
    surplusA: pick((a) => (a.reservedA > 0 ? 0 : a.maxA + a.moreA)),
    priority: pick((a) => a.priority),
    rank: pick((a) => a.rank),
    stepA: 1,
  }
  const allocation = createAllocator(topology)(input)
  return { topology, rows, input, allocation }
}

/** Loads of each row from scratch, so that the incremental sums are checked too. */
const loadsFromScratch = (
  topology: Topology,
  rows: ReturnType<typeof createRows>,
  { groups }: Case,
  ampsOf: (evse: number) => number,
) => {
  const fresh = createRows(topology)
  fresh.capA.set(rows.capA)
  fresh.capW.set(rows.capW)
  for (let evse = 0; evse < topology.evseCount; evse++) {
    for (let node = topology.evseNode[evse]; node >= 0; node = topology.parent[node]) {
      for (let line = 0; line < 3; line++) {
        fresh.re[node * 3 + line] += ampsOf(evse) * topology.re[evse * 3 + line]
        fresh.im[node * 3 + line] += ampsOf(evse) * topology.im[evse * 3 + line]
      }
      fresh.loadW[node] += ampsOf(evse) * topology.watts[evse]
    }
    groups.forEach((group, g) => {
      if (!isIn(evse, group)) return
      fresh.loadW[topology.nodeCount + g] += ampsOf(evse) * topology.watts[evse]
    })
  }
  return fresh
}

describe.each([
  ['line to neutral and three-phase', WIRINGS.filter((w) => w.length !== 4)],
  ['with line-to-line loads', WIRINGS],
])('allocation, %s', (_, wirings) => {
  const cases = arbitraryCase(wirings)

  test('never puts more on a row than its cap, unless reservations alone exceed it', () => {
    fc.assert(
      fc.property(cases, (c) => {
        const { topology, rows, input, allocation } = run(c)
        const reserved = loadsFromScratch(topology, rows, c, (e) => input.reservedA[e])
        const all = loadsFromScratch(
          topology,
          rows,
          c,
          (e) => input.reservedA[e] + allocation.grantA[e],
        )
        for (let zone = 0; zone < topology.zoneCount; zone++) {
          for (let row = zone < topology.nodeCount ? 0 : POWER_ROW; row < 4; row++) {
            const cap = rowCap(rows, zone, row)
            const before = rowLoad(reserved, zone, row)
            const after = rowLoad(all, zone, row)
            expect(after).toBeLessThanOrEqual(Math.max(cap, before) + 1e-3)
            expect(rowLoad(rows, zone, row)).toBeCloseTo(after, 4)
          }
        }
      }),
      { numRuns: 400 },
    )
  })

  test('grants are 0 or whole steps from the minimum to the maximum', () => {
    fc.assert(
      fc.property(cases, (c) => {
        const { input, allocation } = run(c)
        allocation.grantA.forEach((grant, e) => {
          if (grant === 0) return
          expect(grant).toBeGreaterThanOrEqual(input.minA[e])
          expect(grant).toBeLessThanOrEqual(input.surplusA[e] + 1e-9)
          expect(grant).toBeCloseTo(Math.round(grant), 9)
        })
      }),
      { numRuns: 300 },
    )
  })

  test('leaves nothing on the table: no admitted EVSE could take one more step', () => {
    fc.assert(
      fc.property(cases, (c) => {
        const { topology, rows, input, allocation } = run(c)
        const now = loadsFromScratch(
          topology,
          rows,
          c,
          (e) => input.reservedA[e] + allocation.grantA[e],
        )
        for (let e = 0; e < topology.evseCount; e++) {
          const grant = allocation.grantA[e]
          if (grant === 0 || grant + 1 > input.surplusA[e]) continue
          expect(blockingRow(now, topology, topology, e, 1.001)).not.toBeNull()
        }
      }),
      { numRuns: 300 },
    )
  })
})

test('is max-min fair: nobody could gain a step by taking it from one who has two steps more', () => {
  // On a single row the definition is elementary: all equal, but for own maxima and rounding.
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 6, max: 40 }), { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 0, max: 300 }),
      (maxima, cap) => {
        const { allocation } = run({
          site: {
            id: 's',
            name: 's',
            timeZone: 'UTC',
            supply: { kind: 'three-phase', voltageV: 230 },
            nodes: [
              {
                id: 'n0',
                name: '',
                parentId: null,
                limitA: null,
                limitW: null,
                meterId: null,
                margin: 0,
              },
            ],
            loads: [],
            evses: maxima.map((maxA, k) => ({
              key: `${k}`,
              stationId: `${k}`,
              evseId: 1,
              nodeId: 'n0',
              wiring: 'L1',
              current: 'AC',
              maxA,
              minA: 6,
              failsafeA: 0,
              priority: 0,
              efficiency: 1,
            })),
          },
          nodeCaps: [{ capA: [cap, 0, 0], capW: Infinity }],
          groups: [],
          asks: maxima.map((maxA) => ({
            reservedA: 0,
            minA: 6,
            maxA,
            moreA: 0,
            priority: 0,
            rank: 0,
          })),
        })
        const grants = [...allocation.grantA]
        const admitted = grants.filter((g) => g > 0)
        expect(admitted.length).toBe(Math.min(maxima.length, Math.floor(cap / 6)))
        const unsatisfied = grants.filter((g, k) => g > 0 && g < maxima[k])
        const top = Math.max(0, ...admitted)
        for (const g of unsatisfied) expect(top - g).toBeLessThanOrEqual(1)
      },
    ),
    { numRuns: 500 },
  )
})
