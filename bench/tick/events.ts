import type { Site } from '../../src/domain/site.ts'
import type { TimelineEvent } from '../../src/engine/timeline/played.ts'
import { FEEDER_EVSES } from './site.ts'

/** Beyond the horizon of a plan. */
const LASTS_MS = 48 * 3_600_000

const limit = (
  eventId: string,
  targets: readonly string[],
  limitW: number,
  startMs: number,
): TimelineEvent => ({
  event: {
    authority: 'bench',
    eventId,
    modification: 0,
    status: 'issued',
    cancelAtMs: null,
    eventClass: 'contract',
    priority: 1,
    optOut: false,
    programId: null,
    targets,
    issuedAtMs: startMs,
    notAfterMs: startMs + 86_400_000,
    ackByMs: null,
    signal: { kind: 'import-limit', unit: 'W', scope: 'controllable', currency: null },
    intervals: [{ id: 0, startMs, endMs: startMs + LASTS_MS, value: limitW }],
    randomize: null,
    ramp: null,
    recovery: null,
    test: false,
  },
  startShiftMs: 0,
  endShiftMs: 0,
  stopMs: null,
  referenceW: null,
})

/**
 * Three limits: one on the whole site and one on EVSEs all over it, both active, and one on a panel
 * that is always about to begin, so that every profile has to foresee it.
 */
export const tickEvents = (site: Site, nowMs: number, comingMs: number): TimelineEvent[] => {
  const scattered = site.evses.filter((_, k) => k % 4 === 0).map(({ key }) => key)
  const ratingW = site.evses.length * 7_000
  return [
    limit('site', [], 0.92 * ratingW, nowMs - 60_000),
    limit('scattered', scattered, scattered.length * 6_600, nowMs - 60_000),
    limit('coming', ['panel-0'], 10 * FEEDER_EVSES * 3_000, nowMs + comingMs),
  ]
}
