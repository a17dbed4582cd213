import type {
  EvseState,
  GridEvent,
  LiveGrant,
  Plan,
  Session,
  Station,
} from '../../../src/web/wire.ts'
import type { Charger } from '../../../src/web/words/charger.ts'

export const NOW = Date.parse('2026-11-22T09:00:00Z')
export const at = (minutes: number): string => new Date(NOW + minutes * 60_000).toISOString()

export const event = (more: Partial<GridEvent> = {}): GridEvent => ({
  id: 'api/e1',
  authority: 'api',
  eventId: 'e1',
  modification: 0,
  state: 'accepted',
  since: at(-5),
  code: null,
  reason: null,
  committed: null,
  start: at(30),
  end: at(60),
  openEnded: false,
  eventClass: 'contract',
  priority: 100,
  optOut: false,
  programId: null,
  targets: [],
  issuedAt: at(-5),
  cancelAt: null,
  signal: { kind: 'import-limit', unit: 'W', scope: 'controllable', currency: null },
  intervals: [{ id: 0, start: at(30), end: at(60), value: 20_000 }],
  randomize: null,
  ramp: null,
  recovery: null,
  delayedBy: null,
  test: false,
  ...more,
})

export const plan = (more: Partial<Plan> = {}): Plan => ({
  id: 'p',
  createdAt: at(0),
  start: at(0),
  stepS: 900,
  steps: 4,
  method: 'optimal',
  fallbackBecause: null,
  sessions: [],
  controlledW: [10_000, 10_000, 0, 0],
  baseW: [5_000, 5_000, 5_000, -2_000],
  cost: 10,
  costs: { energy: 10, demand: 0, baseDemand: 0, carbon: 0, shortfall: 0, other: 0 },
  lowerBound: 10,
  gap: 0,
  bottlenecks: [],
  ...more,
})

interface Draft {
  readonly evse?: Partial<EvseState>
  readonly grant?: Partial<LiveGrant> | null
  readonly session?: Partial<Session>
}

export const charger = (key: string, { evse, grant, session }: Draft = {}): Charger => ({
  evse: {
    key,
    stationId: key.split('/')[0],
    evseId: 1,
    nodeId: 'main',
    wiring: 'L1L2L3',
    current: 'AC',
    maxA: 32,
    minA: 6,
    failsafeA: 6,
    priority: 0,
    online: true,
    planned: false,
    status: 'available',
    sessionId: null,
    transactionId: null,
    measured: null,
    ...evse,
  },
  grant:
    grant === null
      ? null
      : {
          key,
          limitA: 16,
          reasons: [],
          together: 1,
          mayDrawA: 16,
          inForceA: 16,
          validTo: null,
          drawA: null,
          powerW: null,
          online: true,
          ...grant,
        },
  session: session
    ? {
        id: 's',
        stationId: key.split('/')[0],
        evseId: 1,
        transactionId: null,
        idToken: null,
        connectedAt: at(-60),
        startedAt: null,
        endedAt: null,
        energyWh: 0,
        need: { energyWh: null, departure: null, source: 'default' },
        priority: 0,
        ...session,
      }
    : null,
})

/** A stranger at the door, as of now. */
export const station = (stationId: string, more: Partial<Station> = {}): Station => ({
  stationId,
  state: 'quarantined',
  protocol: 'ocpp1.6',
  vendor: 'Acme',
  model: 'One',
  firmware: null,
  serialNumber: null,
  online: true,
  boot: 'rejected',
  bootedAt: null,
  connectedAt: at(-10),
  lastSeenAt: at(-1),
  remoteAddress: '10.0.0.7',
  evses: [],
  clockSkewS: 0,
  clockWrong: false,
  rebootRequired: false,
  firmwareStatus: null,
  logStatus: null,
  externalLimits: [],
  capability: null,
  createdAt: at(-60),
  ...more,
})
