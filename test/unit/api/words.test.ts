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
    'Garage feeder L2 is full: other loads take 12 A of its 80 A, and vehicles share the rest',
  ],
  [
    { code: 'node-limit', nodeId: 'garage', phase: 'L1', limitA: 40, loadA: 0 },
    'Garage feeder L1 is full: vehicles share its 40 A',
  ],
  [
    { code: 'node-power', nodeId: 'main', limitW: 25_000, loadW: 900 },
    'Main is full: other loads take 900 W of its 25 kW, and vehicles share the rest',
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
  [
    {
      code: 'event-node-limit',
      eventId: 'e1',
      nodeId: 'main',
      phase: 'L2',
      limitA: 30,
      loadA: 19,
    },
    'Event e1 limits Main L2 to 30 A; other loads take 19 A',
  ],
  [{ code: 'event-evse-limit', eventId: 'e1', limitA: 10 }, 'Event e1 limits the current to 10 A'],
  [{ code: 'setpoint', eventId: 'e1', targetW: -500 }, 'Event e1 sets the power to -500 W'],
  [
    { code: 'setpoint', eventId: 'e1', targetW: 20_000, evses: 2 },
    'Event e1 sets the power of 2 chargers together to 20 kW',
  ],
  [{ code: 'evse-rating', maxA: 32 }, 'The charger is rated 32 A'],
  [{ code: 'vehicle-draws-less', drawA: 15.84 }, 'The vehicle draws at most 15.8 A'],
  [{ code: 'below-minimum', minA: 6 }, 'Less than 6 A is available, the minimum for charging'],
  [{ code: 'waiting-turn', waitedS: 90 }, 'Waiting for its turn (90 s so far)'],
  [{ code: 'minimum-off-time', remainingS: 480 }, 'Recently paused; can restart in 8 min'],
  [
    { code: 'plan', planId: 'p', targetA: 8, untilMs: START_MS, cause: 'demand-charge' },
    'Planned at 8 A until 09:00, because more would raise the demand charge',
  ],
  [
    { code: 'plan', planId: 'p', targetA: 0, untilMs: START_MS, cause: 'price' },
    'Scheduled to start at 09:00 or later, when energy is cheaper',
  ],
  [{ code: 'ramp', targetA: 12 }, 'Ramping to 12 A'],
  [
    { code: 'room-pending', waitingForA: 4.5 },
    'Will increase once other chargers have released 4.5 A',
  ],
  [{ code: 'need-met', energyWh: 12_000 }, 'Target of 12 kWh reached'],
  [{ code: 'no-session' }, 'No active charging session'],
  [
    { code: 'offline', sinceMs: START_MS },
    'Offline since 22 Nov 09:00; what it may still draw stays reserved',
  ],
  [{ code: 'offline', sinceMs: 0 }, 'Offline; what it may still draw stays reserved'],
  [{ code: 'planned' }, 'Never connected; reserves nothing until it first connects'],
  [
    { code: 'reserved', cause: 'offline', phase: 'L1', amps: 96, keys: ['A/1', 'B/1', 'C/1'] },
    '3 chargers that are offline reserve 96 A on L1: A/1, B/1, C/1',
  ],
  [
    { code: 'reserved', cause: 'never-accepted', phase: 'L2', amps: 32, keys: ['A/1'] },
    '1 charger that has not accepted its failsafe reserves 32 A on L2: A/1',
  ],
  [
    { code: 'never-accepted' },
    'The station has not accepted its failsafe limit yet, so its full rating is reserved',
  ],
  [
    { code: 'disobeys', acceptedA: 10, measuredA: 16 },
    'The station draws 16 A, above the 10 A that it accepted',
  ],
  [
    { code: 'meter-stale', meterId: 'm', ageS: 9_000 },
    'No reading from meter m for 3 h; using its design load',
  ],
  [
    {
      code: 'meter-contradicted',
      meterId: 'm',
      cause: 'below-devices',
      meteredA: 0,
      devicesA: 51,
    },
    'Meter m is not believed: it shows 0 A while chargers behind it draw 51 A. Its design load counts; check its wiring and scale',
  ],
  [
    { code: 'meter-stale', meterId: 'm', ageS: -1 },
    'No reading from meter m yet; using its design load',
  ],
  [{ code: 'failsafe', cause: 'x' }, 'On its failsafe limit: x'],
  [{ code: 'phase-switch', phases: 1, forS: 8 }, 'Pausing for 8 s to switch to one phase'],
  [{ code: 'phase-switch', phases: 3, forS: 10 }, 'Pausing for 10 s to switch to three phases'],
  [
    { code: 'one-phase', phase: 'L2', budgetW: 3_000, threePhasesW: 4_140 },
    'Charging on L2 only: three phases need 4.1 kW, and 3 kW is available',
  ],
  [
    { code: 'one-phase', phase: 'L1', budgetW: 9_000, threePhasesW: 4_140 },
    'Charging on L1 only until enough power for three phases has been available for a while',
  ],
  [
    { code: 'one-phase-unproven', phase: 'L2' },
    'Counted on all phases until its meter confirms that it uses L2 only',
  ],
  [
    { code: 'phases-fixed', cause: 'ignored' },
    'Stays on three phases: the vehicle drew on phases other than the one that was set',
  ],
  [
    { code: 'station-external-limit', limitA: 10, source: 'EMS' },
    'The station reports a limit of 10 A set by EMS',
  ],
  [
    { code: 'cannot-be-steered' },
    'The station does not support charging profiles, so it counts at its full rating',
  ],
  [{ code: 'control-off' }, 'Control of this station is off, so it counts at its full rating'],
  [
    { code: 'clock-unknown', failsafeA: 6 },
    'The clock of the station is not known yet, so it stays at 6 A',
  ],
  [
    { code: 'failsafe-overruled', failsafeA: 6, limitA: 32 },
    'The station reports 32 A instead of its failsafe of 6 A: another charging profile overrules it',
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
    'event-node-limit': true,
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
    planned: true,
    reserved: true,
    'never-accepted': true,
    disobeys: true,
    'meter-stale': true,
    'meter-contradicted': true,
    failsafe: true,
    'phase-switch': true,
    'one-phase': true,
    'one-phase-unproven': true,
    'phases-fixed': true,
    'station-external-limit': true,
    'cannot-be-steered': true,
    'control-off': true,
    'clock-unknown': true,
    'failsafe-overruled': true,
    'transaction-ended': true,
    'no-answer': true,
    'start-current': true,
    'wake-up': true,
  }
  expect(new Set(ROWS.map(([{ code }]) => code))).toEqual(new Set(Object.keys(codes)))
})

test('a reason goes out with its sentence, its times as text and nothing unlimited', () => {
  const present = (reason: Reason) => presentReason(reason, words)
  expect(
    present({ code: 'plan', planId: 'p', targetA: 8, untilMs: START_MS, cause: 'limit' }),
  ).toEqual({
    code: 'plan',
    text: 'Planned at 8 A until 09:00, because of this limit',
    cause: 'limit',
    planId: 'p',
    targetA: 8,
    until: '2026-11-22T08:00:00.000Z',
  })
  expect(present({ code: 'ramp', targetA: 27.948999999999998 })).toMatchObject({ targetA: 27.949 })
  expect(present({ code: 'offline', sinceMs: 0 })).toEqual({
    code: 'offline',
    text: 'Offline; what it may still draw stays reserved',
  })
  expect(
    present({ code: 'node-power', nodeId: 'main', limitW: Infinity, loadW: 1 }),
  ).not.toHaveProperty('limitW')
})
