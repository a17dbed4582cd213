import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PerPhase } from '../../src/domain/phases.ts'
import type { Quality, Reading } from '../../src/domain/reading.ts'
import { WIRINGS } from '../../src/domain/wiring.ts'
import { compileFormula, loadFormulaMath } from '../../src/meters/formula.ts'
import { createFreshness } from '../../src/meters/freshness.ts'
import { createJoin } from '../../src/meters/join.ts'
import { createMqttReader } from '../../src/meters/mqtt-reader.ts'
import { normalise, type NormaliseOptions } from '../../src/meters/normalise.ts'
import { compilePointer } from '../../src/meters/pointer.ts'
import { worst } from '../../src/meters/quantity.ts'
import { partsOf, planSlots } from '../../src/meters/slots.ts'

const quality = fc.constantFrom<Quality>('good', 'uncertain', 'bad')
/** Mostly what a meter may say, now and then what none may. */
const around = (limit: number): fc.Arbitrary<number> =>
  fc.oneof(
    {
      weight: 20,
      arbitrary: fc.integer({ min: -1_000, max: 1_000 }).map((part) => (part / 1_000) * limit),
    },
    { weight: 1, arbitrary: fc.constantFrom(0, NaN, Infinity, -Infinity, 1e300) },
  )
const perPhaseAround = (limit: number): fc.Arbitrary<PerPhase> =>
  fc.tuple(around(limit), around(limit), around(limit))

const reading: fc.Arbitrary<Reading> = fc.record(
  {
    meterId: fc.constant('m'),
    measuredAtMs: fc.integer({ min: 0, max: 20_000 }),
    receivedAtMs: fc.integer({ min: 0, max: 20_000 }),
    quality,
    currentA: perPhaseAround(1_010),
    powerW: around(1.01e6),
    powerPerPhaseW: perPhaseAround(1.01e6),
    voltageV: perPhaseAround(600),
    energyImportWh: around(1e9),
    energyExportWh: around(1e9),
    frequencyHz: around(110),
    soc: around(1.1),
  },
  { requiredKeys: ['meterId', 'measuredAtMs', 'receivedAtMs', 'quality'] },
)

const options: fc.Arbitrary<NormaliseOptions> = fc.record({
  supply: fc.record({
    kind: fc.constantFrom('three-phase' as const, 'split-phase' as const, 'single-phase' as const),
    voltageV: fc.constantFrom(120, 230, 277),
  }),
  wiring: fc.constantFrom(...WIRINGS),
  maxA: fc.constant(1_000),
  maxW: fc.constant(1e6),
})

test('a pointer finds what it was made from', () => {
  const name = fc.oneof(fc.string(), fc.constantFrom('', '~', '/', '~1', '__proto__', '0'))
  fc.assert(
    fc.property(fc.array(name, { maxLength: 8 }), fc.integer(), (path, value) => {
      const document = path.reduceRight<unknown>((inner, key) => {
        const around = Object.create(null) as Record<string, unknown>
        around[key] = inner
        return around
      }, value)
      const pointer = path.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`)
      expect(compilePointer('x', pointer.join(''))(document)).toBe(value)
    }),
  )
})

test('no normalised reading holds anything but finite numbers within bounds', () => {
  fc.assert(
    fc.property(reading, options, (raw, settings) => {
      const { reading: out } = normalise(raw, settings)
      const { meterId: _id, quality: _quality, ...values } = out
      for (const value of Object.values(values).flat()) expect(value).toSatisfy(Number.isFinite)
      expect(out.measuredAtMs).toBeLessThanOrEqual(out.receivedAtMs)
      for (const amps of out.currentA ?? []) {
        expect(Math.abs(amps)).toBeLessThanOrEqual(settings.maxA)
      }
    }),
  )
})

test('normalising never makes a reading better, and twice is once', () => {
  fc.assert(
    fc.property(reading, options, (raw, settings) => {
      const once = normalise(raw, settings).reading
      expect(worst(once.quality, raw.quality)).toBe(once.quality)
      const twice = normalise(once, settings)
      expect(twice.implausible).toEqual([])
      expect(twice.reading).toEqual(once)
    }),
  )
})

test('what is fresh is young and was never bad; what is known is never lost', () => {
  fc.assert(
    fc.property(fc.array(reading, { maxLength: 40 }), (readings) => {
      const staleAfterS = 3
      const freshness = createFreshness(staleAfterS)
      let known = false
      for (const one of readings.toSorted((a, b) => a.receivedAtMs - b.receivedAtMs)) {
        const nowMs = one.receivedAtMs
        freshness.take(one, nowMs)
        const latest = freshness.latest(nowMs)
        known ||= one.quality !== 'bad'
        expect(latest !== null).toBe(known)
        if (latest === null) continue
        expect(latest.reading.quality).not.toBe('bad')
        if (!latest.stale) expect(latest.ageS).toBeLessThanOrEqual(staleAfterS)
        expect(latest.ageS).toBeGreaterThanOrEqual(0)
      }
    }),
  )
})

test('the order in which parts arrive does not matter', () => {
  const values = { currentA: { unit: 'A' }, powerW: { unit: 'kW' } } as const
  const plan = planSlots('x', values, (quantity) =>
    partsOf(quantity === 'currentA' ? ['1', '2', '3'] : 'all'),
  )
  const part = fc.record({ value: fc.integer(), atMs: fc.integer({ min: 0, max: 9_000 }), quality })
  fc.assert(
    fc.property(
      fc.tuple(part, part, part, part),
      fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
      (parts, order) => {
        const after = (slots: readonly number[]) => {
          const join = createJoin({ ...plan, meterId: 'm', windowMs: 5_000 })
          for (const slot of slots) {
            const { value, atMs, quality: how } = parts[slot]
            join.put(slot, value, atMs, how)
          }
          return join.reading(9_000)
        }
        expect(after(order)).toEqual(after([0, 1, 2, 3]))
      },
    ),
  )
})

test('no payload breaks a reader or makes up a number', () => {
  const reader = createMqttReader({
    id: 'm',
    topic: 't',
    values: {
      powerW: { unit: 'W', pointer: '/p' },
      currentA: { unit: 'A', pointer: ['/i/0', '/i/1', '/i/2'] },
    },
    time: { pointer: '/t', format: 'epoch-ms' },
    quality: { pointer: '/q', good: [1] },
  })
  const document = fc.oneof(
    fc.jsonValue(),
    fc.record({ p: fc.jsonValue(), i: fc.jsonValue(), t: fc.jsonValue(), q: fc.jsonValue() }),
  )
  const payload = fc.oneof(
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    document.map((value) => Buffer.from(JSON.stringify(value))),
  )
  fc.assert(
    fc.property(payload, fc.boolean(), (bytes, retained) => {
      const outcome = reader.read({ topic: 't', payload: bytes, retained, receivedAtMs: 0 })
      if (outcome.reading?.quality === 'good') {
        expect(outcome.reading.powerW).toSatisfy(Number.isFinite)
        expect(outcome.reading.currentA).toHaveLength(3)
      }
    }),
  )
})

test('a formula says what its arithmetic says', async () => {
  const math = await loadFormulaMath()
  interface Term {
    readonly text: string
    readonly value: number
  }
  const inputs: Readonly<Record<string, number>> = { a: 3.5, b: -2, c: 1_000 }
  const leaf = fc.oneof(
    fc
      .constantFrom(...Object.entries(inputs))
      .map(([id, value]) => ({ text: `${id}.powerW`, value })),
    fc.constantFrom(2, 0.5).map((value) => ({ text: String(value), value })),
  )
  const combine = ([left, operator, right]: [Term, '+' | '-' | '*', Term]): Term => {
    const a = left.value
    const b = right.value
    const value = operator === '+' ? a + b : operator === '-' ? a - b : a * b
    return { text: `(${left.text} ${operator} ${right.text})`, value }
  }
  const { tree } = fc.letrec<{ tree: Term }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc
        .tuple(tie('tree'), fc.constantFrom('+' as const, '-' as const, '*' as const), tie('tree'))
        .map(combine),
    ),
  }))
  fc.assert(
    fc.property(
      tree.filter(({ text }) => text.length < 900),
      ({ text, value }) => {
        const formula = compileFormula(math, 'x', text, null)
        const values = formula.inputs.map(({ meterId }) => inputs[meterId])
        expect(formula.evaluate(values)).toBe(value)
      },
    ),
  )
})
