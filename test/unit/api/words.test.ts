import { expect, test } from 'vitest'
import { presentReason } from '../../../src/api/resources/reason.ts'
import { createWords } from '../../../src/api/words.ts'
import type { Reason, ReasonCode } from '../../../src/domain/reason.ts'
import { SITE, START_MS } from './bench.ts'

const words = createWords(SITE)

/** Times are those of the site: 08:00 UTC is 09:00 in Berlin. */
const ROWS: readonly (readonly [Reason, string])[] = [
  [
    { code: 'node-limit', nodeId: 'garage', phase: 'L2', limitA: 80, loadA: 12.04 },
    'Garage feeder L2 is full: other loads take 12 A of its 80 A, vehicles share the rest',
  ],
  [
    { code: 'node-limit', nodeId: 'garage', phase: 'L1', limitA: 40, loadA: 0 },
    'Garage feeder L1 is full: vehicles share its 40 A',
  ],
  [
    { code: 'node-power', nodeId: 'main', limitW: 25_000, loadW: 900 },
    'Main is full: other loads take 900 W of its 25 kW, vehicles share the rest',
  ],
  [
    { code: 'node-power', nodeId: 'gone', limitW: 25_000, loadW: 0 },
    'gone is full: vehicles share its 25 kW',
  ],
  [{ code: 'event-limit', eventId: 'e1', limitW: 12_340 }, 'Event e1 limits the power to 12.3 kW'],
  [
    { code: 'event-limit', eventId: 'e1', limitW: 9_000, evses: 3 },
    'Event e1 limits the power of 3 chargers together to 9 kW',
  ],
  [
    { code: 'event-limit', eventId: 'e1', limitW: 9_000, evses: 1 },
    'Event e1 limits the power to 9 kW',
  ],
  [{ code: 'event-evse-limit', eventId: 'e1', limitA: 10 }, 'Event e1 limits the current to 10 A'],
  [{ code: 'setpoint', eventId: 'e1', targetW: -500 }, 'Event e1 asks for -500 W'],
  [
    { code: 'setpoint', eventId: 'e1', targetW: 20_000, evses: 2 },
    'Event e1 asks for 20 kW of 2 chargers together',
  ],
  [{ code: 'evse-rating', maxA: 32 }, 'The charger is built for 32 A'],
  [{ code: 'vehicle-draws-less', drawA: 15.84 }, 'The vehicle takes no more than 15.8 A'],
  [
    { code: 'below-minimum', minA: 6 },
    'What is left is less than 6 A, the least that charges a vehicle',
  ],
  [{ code: 'waiting-turn', waitedS: 90 }, 'It waits for its turn, so far for 90 s'],
  [
    { code: 'minimum-off-time', remainingS: 480 },
    'It was paused a moment ago and rests for another 8 min',
  ],
  [
    { code: 'plan', planId: 'p', targetA: 8, untilMs: START_MS },
    'The plan keeps it at 8 A until 09:00',
  ],
  [
    { code: 'plan', planId: 'p', targetA: 0, untilMs: START_MS },
    'The plan lets it wait until 09:00 at least',
  ],
  [{ code: 'ramp', targetA: 12 }, 'The power changes step by step, now towards 12 A'],
  [{ code: 'room-pending', waitingForA: 4.5 }, 'It rises as soon as others have given up 4.5 A'],
  [{ code: 'need-met', energyWh: 12_000 }, 'The vehicle has the 12 kWh that it was to get'],
  [{ code: 'no-session' }, 'Nothing is being charged here'],
  [{ code: 'offline', sinceMs: START_MS }, 'The station has been offline since 22 Nov 09:00'],
  [{ code: 'offline', sinceMs: 0 }, 'The station is offline'],
  [
    { code: 'never-accepted' },
    'The station has not accepted its failsafe limit yet, so it counts at its full rating',
  ],
  [
    { code: 'disobeys', acceptedA: 10, measuredA: 16 },
    'The station draws 16 A although it accepted 10 A',
  ],
  [
    { code: 'meter-stale', meterId: 'm', ageS: 9_000 },
    'Meter m has been silent for 3 h, so its fallback counts',
  ],
  [
    { code: 'meter-stale', meterId: 'm', ageS: -1 },
    'Meter m has said nothing yet, so its fallback counts',
  ],
  [{ code: 'failsafe', cause: 'x' }, 'It stays on its failsafe: x'],
  [
    { code: 'phase-switch', phases: 1, forS: 8 },
    'It pauses for another 8 s to go on with one phase',
  ],
  [
    { code: 'phase-switch', phases: 3, forS: 10 },
    'It pauses for another 10 s to go on with three phases',
  ],
  [
    { code: 'one-phase', phase: 'L2', budgetW: 3_000, threePhasesW: 4_140 },
    'It is on L2 alone: three phases need 4.1 kW, there are 3 kW',
  ],
  [
    { code: 'one-phase', phase: 'L1', budgetW: 9_000, threePhasesW: 4_140 },
    'It is on L1 alone until there has been enough for three phases for a while',
  ],
  [
    { code: 'one-phase-unproven', phase: 'L2' },
    'Until its meter has shown that it keeps to L2, its current counts on all lines',
  ],
  [
    { code: 'phases-fixed', cause: 'ignored' },
    'It stays on three phases: the vehicle drew on other phases than the station was told',
  ],
  [
    { code: 'transaction-ended', cause: 'at-zero', next: 'power', attempts: 0, nextAtMs: 0 },
    'The station ended the transaction at 0 A; it is started again as soon as there is power for it',
  ],
  [
    { code: 'transaction-ended', cause: 'interrupted', next: 'answer', attempts: 1, nextAtMs: 0 },
    'A reset or a power loss ended the transaction; a remote start was sent',
  ],
  [
    { code: 'transaction-ended', cause: 'at-zero', next: 'retry', attempts: 1, nextAtMs: START_MS },
    'The station ended the transaction at 0 A and did not start again after 1 remote start; the next one is due at 09:00',
  ],
  [
    {
      code: 'transaction-ended',
      cause: 'at-zero',
      next: 'person',
      attempts: 4,
      nextAtMs: Infinity,
    },
    'The station ended the transaction at 0 A and did not start again after 4 remote starts; start it by hand',
  ],
  [
    { code: 'transaction-ended', cause: 'at-zero', next: 'person', attempts: 0, nextAtMs: 0 },
    'The station ended the transaction at 0 A and remote starts are not possible or not allowed here; start it by hand',
  ],
  [
    { code: 'no-answer', sinceMs: START_MS, allowsA: 15 },
    'The station has not answered any command since 09:00; it may draw up to 15 A until it answers',
  ],
  [
    { code: 'start-current', offerA: 8 },
    'The vehicle drew nothing from a smaller offer, so it is offered at least 8 A',
  ],
  [
    { code: 'wake-up', forS: 20 },
    'The vehicle draws nothing; it is paused for another 20 s and offered power again, which wakes some vehicles',
  ],
]

test.each(ROWS)('%j', (reason, sentence) => {
  expect(words.reason(reason)).toBe(sentence)
})

test('every code has a sentence here', () => {
  const codes: Record<ReasonCode, true> = {
    'node-limit': true,
    'node-power': true,
    'event-limit': true,
    'event-evse-limit': true,
    setpoint: true,
    'evse-rating': true,
    'vehicle-draws-less': true,
    'below-minimum': true,
    'waiting-turn': true,
    'minimum-off-time': true,
    plan: true,
    ramp: true,
    'room-pending': true,
    'need-met': true,
    'no-session': true,
    offline: true,
    'never-accepted': true,
    disobeys: true,
    'meter-stale': true,
    failsafe: true,
    'phase-switch': true,
    'one-phase': true,
    'one-phase-unproven': true,
    'phases-fixed': true,
    'transaction-ended': true,
    'no-answer': true,
    'start-current': true,
    'wake-up': true,
  }
  expect(new Set(ROWS.map(([{ code }]) => code))).toEqual(new Set(Object.keys(codes)))
})

test('a reason goes out with its sentence, its times as text and nothing unlimited', () => {
  const present = (reason: Reason) => presentReason(reason, words)
  expect(present({ code: 'plan', planId: 'p', targetA: 8, untilMs: START_MS })).toEqual({
    code: 'plan',
    text: 'The plan keeps it at 8 A until 09:00',
    planId: 'p',
    targetA: 8,
    until: '2026-11-22T08:00:00.000Z',
  })
  expect(present({ code: 'ramp', targetA: 27.948999999999998 })).toMatchObject({ targetA: 27.949 })
  expect(present({ code: 'offline', sinceMs: 0 })).toEqual({
    code: 'offline',
    text: 'The station is offline',
  })
  expect(
    present({ code: 'node-power', nodeId: 'main', limitW: Infinity, loadW: 1 }),
  ).not.toHaveProperty('limitW')
})
