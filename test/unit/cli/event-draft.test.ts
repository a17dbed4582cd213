import { describe, expect, test } from 'vitest'
import {
  cancelEvent,
  checkDocument,
  draftEvent,
  spanOf,
  toNewEvent,
  wrapEvent,
  type Wish,
} from '../../../src/cli/event/draft.ts'
import { UsageError } from '../../../src/cli/failure.ts'
import { readEvent } from '../../../src/signals/mqtt/read-event.ts'

const NOW = Date.UTC(2026, 10, 22, 8)

const wish = (given: Partial<Wish>): Wish => ({
  kind: 'importLimit',
  scope: 'controllable',
  minutes: 10,
  targets: [],
  eventClass: 'contract',
  priority: 100,
  optOut: false,
  ...given,
})

const drafted = (given: Partial<Wish>) => draftEvent(wish(given), 'e1', 0, NOW)

test.each([
  [{ limitKw: 20 }, 'kW', 20],
  [{ limitA: 16, scope: 'evse' }, 'A', 16],
  [{ kind: 'exportLimit', limitKw: 0 }, 'kW', 0],
  [{ kind: 'setpoint', value: -5 }, 'kW', -5],
  [{ kind: 'reduceBy', value: 30, unit: 'percent' }, 'percent', 30],
  [{ kind: 'level', value: 2 }, 'level', 2],
  [{ kind: 'noCharge' }, 'level', 1],
  [{ kind: 'price', value: -0.02, currency: 'EUR' }, 'currency/kWh', -0.02],
  [{ kind: 'ghg', value: 350 }, 'g/kWh', 350],
  [{ kind: 'socTarget', value: 80 }, 'percent', 80],
] as const)('%j is in %s', (given, unit, value) => {
  const { signal, intervals } = drafted(given)
  expect({ unit: signal.unit, value: intervals[0].value }).toEqual({ unit, value })
})

test.each([
  [{}, 'say how much'],
  [{ limitKw: 20, limitA: 6 }, 'not several'],
  [{ limitA: 6 }, 'cannot be in A'],
  [{ limitKw: 5, scope: 'evse', kind: 'setpoint' }, 'has no scope evse'],
  [{ kind: 'level', value: 1.5 }, 'whole number'],
  [{ kind: 'price', value: 0.2 }, 'currency'],
  [{ kind: 'reduceBy', value: 130, unit: 'percent' }, 'at most 1 (100 %)'],
] as const)('%j makes no sense', (given, message) => {
  expect(() => drafted(given)).toThrow(UsageError)
  expect(() => drafted(given)).toThrow(message)
})

describe('the document', () => {
  /** As the other end reads it. */
  const read = (event: ReturnType<typeof drafted>) =>
    readEvent(
      Buffer.from(JSON.stringify(wrapEvent(event, 'dso', NOW))),
      { operator: 'dso', eventId: 'e1' },
      {
        authority: 'utility',
        aliases: new Map(),
        ratedPowerW: 100_000,
      },
    )

  test('is what the profile wants, and says what was meant', () => {
    const reading = read(drafted({ limitKw: 20, startMs: NOW + 60_000, targets: ['GARAGE-1'] }))
    expect(reading).toMatchObject({
      ok: true,
      sentAtMs: NOW,
      event: {
        eventId: 'e1',
        modification: 0,
        status: 'issued',
        targets: ['GARAGE-1'],
        priority: 100,
        notAfterMs: NOW + 660_000,
        signal: { kind: 'import-limit', unit: 'W', scope: 'controllable' },
        intervals: [{ startMs: NOW + 60_000, endMs: NOW + 660_000, value: 20_000 }],
      },
    })
  })

  test('of a cancellation is the next version of the same', () => {
    const event = drafted({ limitKw: 20 })
    const reading = read(cancelEvent(event, NOW + 5_000, NOW + 1_000))
    expect(reading).toMatchObject({
      ok: true,
      event: { modification: 1, status: 'cancelled', cancelAtMs: NOW + 5_000 },
    })
    expect(spanOf(event)).toEqual({ startMs: NOW, endMs: NOW + 600_000 })
  })

  test('has no room for what the API takes, such as EVSEs', () => {
    const event = drafted({ limitKw: 20, targets: ['GARAGE-1/2'] })
    expect(() => checkDocument(wrapEvent(event, 'dso', NOW))).toThrow(/data\/targets\/0/)
  })
})

describe('for the API', () => {
  test('the start is left to the clock of the other end', () => {
    const given = { limitKw: 20, targets: ['GARAGE-1/2'] }
    expect(toNewEvent(drafted(given), wish(given), undefined)).toEqual({
      signal: { kind: 'import-limit', unit: 'W', scope: 'controllable' },
      intervals: [{ durationS: 600, value: 20_000 }],
      targets: ['GARAGE-1/2'],
      eventClass: 'contract',
      priority: 100,
      optOut: false,
    })
  })

  test('a start that was given is kept', () => {
    const given = { kind: 'price', value: 0.3, currency: 'EUR', startMs: NOW + 60_000 } as const
    expect(toNewEvent(drafted(given), wish(given), 'e1')).toMatchObject({
      eventId: 'e1',
      signal: { kind: 'price', unit: 'currency/kWh', currency: 'EUR' },
      intervals: [{ start: '2026-11-22T08:01:00.000Z', end: '2026-11-22T08:11:00.000Z' }],
    })
  })
})
