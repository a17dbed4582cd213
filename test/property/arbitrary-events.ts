import fc from 'fast-check'
import type { TimelineEvent } from '../../src/engine/timeline/played.ts'
import { gridEvent, MINUTE, played, T0 } from '../fixtures/grid-site.ts'

/** Events for the site of `grid-site.ts`, of every kind, scope and target, that overlap at will. */
export const HORIZON_MIN = 120
export const END = T0 + HORIZON_MIN * MINUTE

export const minutes = fc.integer({ min: 0, max: HORIZON_MIN })
const value = fc.option(fc.integer({ min: 0, max: 60 }), { freq: 6 })
const targets = fc.constantFrom<readonly string[]>([], [], ['grid'], ['a'], ['s1/1', 's3/1'])

const signal = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: 'import-limit', scope: 'controllable' } as const) },
  fc.constant({ kind: 'import-limit', scope: 'connection' } as const),
  fc.constant({ kind: 'import-limit', scope: 'phase', unit: 'A' } as const),
  fc.constant({ kind: 'import-limit', scope: 'evse', unit: 'A' } as const),
  fc.constant({ kind: 'no-charge', scope: 'controllable' } as const),
  { weight: 3, arbitrary: fc.constant({ kind: 'setpoint', scope: 'controllable' } as const) },
  fc.constant({ kind: 'price', unit: 'currency/kWh', currency: 'EUR' } as const),
)

/** Up to four intervals with gaps, on whole minutes. */
export const event = (id: number): fc.Arbitrary<TimelineEvent> =>
  fc
    .record({
      signal,
      targets,
      startMin: minutes,
      steps: fc.array(
        fc.record({
          gap: fc.integer({ min: 0, max: 9 }),
          length: fc.integer({ min: 1, max: 40 }),
          value,
        }),
        { minLength: 1, maxLength: 4 },
      ),
      priority: fc.integer({ min: 0, max: 3 }),
      issuedMin: fc.integer({ min: 0, max: 2 }),
      startShiftMin: fc.integer({ min: -5, max: 5 }),
      endShiftMin: fc.integer({ min: -5, max: 5 }),
      stopMin: fc.option(minutes, { freq: 4 }),
    })
    .map((draft) => {
      let at = draft.startMin
      const intervals = draft.steps.map((step, i) => {
        const start = at + step.gap
        at = start + step.length
        return { id: i, startMs: T0 + start * MINUTE, endMs: T0 + at * MINUTE, value: step.value }
      })
      return played(
        gridEvent(`e${id}`, draft.signal, intervals, {
          targets: draft.targets,
          priority: draft.priority,
          issuedAtMs: T0 - draft.issuedMin * MINUTE,
        }),
        {
          startShiftMs: draft.startShiftMin * MINUTE,
          endShiftMs: draft.endShiftMin * MINUTE,
          stopMs: draft.stopMin === null ? null : T0 + draft.stopMin * MINUTE,
        },
      )
    })

export const events = fc
  .integer({ min: 0, max: 9 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, i) => event(i))))
