import type { ChargingProfile } from '../../../src/domain/charging-profile.ts'
import { START_MS } from '../csms/harness.ts'

/** Bounded, renewed: what steers a running transaction. */
export const TX: ChargingProfile = {
  id: 1_001,
  purpose: 'tx',
  stackLevel: 1,
  transactionId: '7',
  validToMs: START_MS + 600_000,
  schedule: {
    startMs: START_MS - 60_000,
    durationS: 660,
    unit: 'A',
    numberPhases: 3,
    periods: [
      { startS: 0, limit: 16.9 },
      { startS: 360, limit: 6 },
    ],
  },
}

/** Permanent: what holds when nobody speaks. */
export const FAILSAFE: ChargingProfile = {
  id: 1,
  purpose: 'tx-default',
  stackLevel: 0,
  transactionId: null,
  validToMs: null,
  schedule: {
    startMs: START_MS - 60_000,
    durationS: null,
    unit: 'A',
    numberPhases: 1,
    periods: [{ startS: 0, limit: 6 }],
  },
}

export const MAXIMUM: ChargingProfile = {
  ...FAILSAFE,
  id: 2,
  purpose: 'station-max',
  schedule: {
    ...FAILSAFE.schedule,
    unit: 'W',
    numberPhases: 3,
    periods: [{ startS: 0, limit: 22_080.7 }],
  },
}
