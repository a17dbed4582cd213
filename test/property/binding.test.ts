import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Site } from '../../src/domain/site.ts'
import { WIRINGS } from '../../src/domain/wiring.ts'
import { createAllocator, type AllocationInput } from '../../src/engine/allocate.ts'
import { applyCaps, createBindings, type Cap } from '../../src/engine/binding.ts'
import { createRows } from '../../src/engine/rows.ts'
import { compileTopology, withGroups } from '../../src/engine/topology.ts'

interface Ask {
  node: number
  wiring: (typeof WIRINGS)[number]
  maxA: number
  /** The plan, a rest or an event of its own leaves it so much. */
  heldA: number
  priority: number
  rank: number
}

interface Case {
  parents: number[]
  asks: Ask[]
  ratings: (readonly [number, number, number] | null)[]
  events: { target: number; capA: number; capW: number; bits: number }[]
}

const arbitraryCase: fc.Arbitrary<Case> = fc.record({
  parents: fc.array(fc.nat(), { maxLength: 3 }),
  asks: fc.array(
    fc.record({
      node: fc.nat(),
      wiring: fc.constantFrom(...WIRINGS),
      maxA: fc.constantFrom(8, 16, 16.5, 32),
      heldA: fc.constantFrom(0, 6, 10, 100, 100, 100),
      priority: fc.constantFrom(0, 0, 0, 1),
      rank: fc.nat(5),
    }),
    { minLength: 1, maxLength: 10 },
  ),
  ratings: fc.array(
    fc.oneof(
      fc.constant(null),
      fc.integer({ min: 6, max: 80 }).map((a) => [a, a, a] as const),
      fc.tuple(fc.nat(60), fc.nat(60), fc.nat(60)),
    ),
    { minLength: 4, maxLength: 4 },
  ),
  events: fc.array(
    fc.record({
      target: fc.nat(),
      capA: fc.oneof(fc.constant(Infinity), fc.integer({ min: 0, max: 50 })),
      capW: fc.oneof(
        fc.constant(Infinity),
        fc.integer({ min: 0, max: 30 }).map((k) => k * 1_000),
      ),
      bits: fc.nat(2 ** 10 - 1),
    }),
    { maxLength: 4 },
  ),
})

const siteOf = ({ parents, asks }: Case): Site => ({
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
  evses: asks.map((ask, k) => ({
    key: `cp${k}/1`,
    stationId: `cp${k}`,
    evseId: 1,
    nodeId: `n${ask.node % (parents.length + 1)}`,
    wiring: ask.wiring,
    current: 'AC',
    maxA: 40,
    minA: 6,
    failsafeA: 0,
    priority: ask.priority,
    efficiency: 1,
  })),
})

const decide = (given: Case) => {
  const site = siteOf(given)
  const tree = compileTopology(site)
  const groups = given.events.map(({ bits }, g) => ({
    id: `g${g}`,
    members: given.asks.flatMap((_, e) => ((bits >> e) % 2 === 1 ? [e] : [])),
  }))
  const topology = withGroups(tree, groups)
  const caps: Cap[] = []
  site.nodes.forEach((_, n) =>
    given.ratings[n]?.forEach((value, row) =>
      caps.push({ zone: n, row, value, source: `node${n}` }),
    ),
  )
  given.events.forEach(({ target, capA, capW }, k) => {
    const source = `event${k}`
    const node = target % site.nodes.length
    for (let row = 0; row < 3; row++) caps.push({ zone: node, row, value: capA, source })
    // An event limits the power of a node, or of a set of EVSEs.
    const zone = target % 2 === 0 ? node : tree.nodeCount + k
    caps.push({ zone, row: 3, value: capW, source })
  })
  const rows = createRows(topology)
  applyCaps(rows, caps)
  const pick = (f: (ask: Ask) => number) => Float64Array.from(given.asks, f)
  const held = pick(({ maxA, heldA }) => Math.min(maxA, heldA))
  const input: AllocationInput = {
    draws: topology,
    rows,
    reservedA: pick(() => 0),
    minA: pick(() => 6),
    maxA: held,
    surplusA: held,
    priority: pick(({ priority }) => priority),
    rank: pick(({ rank }) => rank),
    stepA: 1,
  }
  const freedA = pick(({ maxA }) => maxA)
  const allocation = createAllocator(topology)(input)
  const bindingOf = createBindings(topology)({ input, allocation, caps, freedA, nowMs: 0 })
  return { topology, caps, input, freedA, allocation, bindingOf }
}

type Decided = ReturnType<typeof decide>

/** The grant of one EVSE in a world without some constraints, by an allocator of its own. */
const grantWithout = (
  { topology, caps, input, freedA }: Decided,
  e: number,
  sources: readonly string[],
  own: boolean,
): number => {
  const rows = createRows(topology)
  applyCaps(rows, caps, new Set(sources))
  const maxA = input.maxA.slice()
  if (own) maxA[e] = freedA[e]
  return createAllocator(topology)({ ...input, rows, maxA, surplusA: maxA }).grantA[e]
}

describe('what binds a grant', () => {
  test('lifting it raises the grant, and no part of it does so alone', () => {
    let bound = 0
    let together = 0
    fc.assert(
      fc.property(arbitraryCase, (given) => {
        const decided = decide(given)
        given.asks.forEach(({ maxA }, e) => {
          const before = decided.allocation.grantA[e]
          if (before + 1 > maxA) return
          const { caps, own } = decided.bindingOf(e)
          const sources = caps.map(({ source }) => source)
          expect(sources.length + Number(own)).toBeGreaterThan(0)
          expect(new Set(sources).size).toBe(sources.length)
          expect(grantWithout(decided, e, sources, own)).toBeGreaterThan(before)
          bound++
          if (sources.length + Number(own) < 2) return
          together++
          for (const source of sources) {
            expect(grantWithout(decided, e, [source], false)).toBeLessThanOrEqual(before)
          }
        })
      }),
      { numRuns: 2_000 },
    )
    expect(bound).toBeGreaterThan(2_000)
    // Several at once are the exception.
    expect(together).toBeGreaterThan(0)
  })
})
