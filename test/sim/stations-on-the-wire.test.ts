import { describe, expect, test } from 'vitest'
import { createController } from '../../src/control/controller.ts'
import { DEFAULT_RULES } from '../../src/control/rules.ts'
import { buildTimeline } from '../../src/engine/timeline.ts'
import { createGridView } from '../../src/engine/timeline/grid-view.ts'
import { createMemoryStorage } from '../../src/storage/memory.ts'
import { createEdge } from '../unit/ocpp/edge.ts'
import { evse, settle, site } from '../unit/csms/harness.ts'

/**
 * A station of its own making on the wire: it keeps whatever profiles it is sent, each by its own
 * clock, and works out what it may draw as the standards say. It shares nothing with the product.
 */
interface Wire {
  id: number
  evseId: number
  level: number
  purpose: string
  fromMs: number
  toMs: number
  limits: readonly { startPeriod: number; limit: number }[]
}

interface WireSchedule {
  startSchedule?: string
  duration?: number
  chargingSchedulePeriod: readonly { startPeriod: number; limit: number }[]
}

interface WireProfile {
  id?: number
  chargingProfileId?: number
  stackLevel: number
  chargingProfilePurpose: string
  validFrom?: string
  validTo?: string
  chargingSchedule: WireSchedule | WireSchedule[]
}

/** The fields of all commands that the station answers. */
interface Command {
  connectorId: number
  evseId: number
  id?: number
  chargingProfileId?: number
  requestId: number
  duration: number
  csChargingProfiles?: WireProfile
  chargingProfile?: WireProfile
}

const createStation = (offsetMs: number) => {
  let held: Wire[] = []
  const at = (text: string | undefined, otherwise: number): number =>
    text === undefined ? otherwise : Date.parse(text)

  const take = (evseId: number, profile: WireProfile): void => {
    const schedule = [profile.chargingSchedule].flat()[0]
    const id = profile.id ?? profile.chargingProfileId ?? -1
    const startMs = at(schedule.startSchedule, -Infinity)
    const endMs = schedule.duration === undefined ? Infinity : startMs + schedule.duration * 1000
    held = held.filter((old) => old.id !== id)
    held.push({
      id,
      evseId,
      level: profile.stackLevel,
      purpose: profile.chargingProfilePurpose,
      fromMs: Math.max(startMs, at(profile.validFrom, -Infinity)),
      toMs: Math.min(endMs, at(profile.validTo, Infinity)),
      limits: schedule.chargingSchedulePeriod,
    })
  }

  const best = (purpose: string, ownMs: number): number | null => {
    const valid = held
      .filter((each) => each.purpose === purpose && each.fromMs <= ownMs && ownMs < each.toMs)
      .sort((a, b) => b.level - a.level)[0]
    if (!valid) return null
    const s = valid.fromMs === -Infinity ? 0 : (ownMs - valid.fromMs) / 1000
    return valid.limits.findLast(({ startPeriod }) => startPeriod <= s)!.limit
  }
  const limitA = (nowMs: number): number =>
    best('TxProfile', nowMs + offsetMs) ?? best('TxDefaultProfile', nowMs + offsetMs) ?? 32

  return {
    take,
    limitA,
    held: () => held,
    own: (nowMs: number) => nowMs + offsetMs,
    clear: (matches: (each: Wire) => boolean) => {
      held = held.filter((each) => !matches(each))
    },
    composite: (nowMs: number, durationS: number) => {
      const periods: { startPeriod: number; limit: number }[] = []
      for (let s = 0; s < durationS; s++) {
        const limit = limitA(nowMs + s * 1000)
        if (periods.at(-1)?.limit !== limit) periods.push({ startPeriod: s, limit })
      }
      return periods
    },
  }
}

const VERSIONS = ['ocpp1.6', 'ocpp2.0.1'] as const

/** Busbar without sockets and one station that charges under it. */
const createSetting = async (version: (typeof VERSIONS)[number], offsetMs: number) => {
  const edge = await createEdge(version, { site: site([evse('CP1', 1)]) })
  const { clock, csms } = edge
  const station = createStation(offsetMs)
  const is16 = version === 'ocpp1.6'
  edge.answerWith((action, payload) => {
    const request = payload as Command
    if (action === 'SetChargingProfile') {
      station.take(
        request.connectorId ?? request.evseId,
        (request.csChargingProfiles ?? request.chargingProfile)!,
      )
    } else if (action === 'ClearChargingProfile') {
      const id = request.id ?? request.chargingProfileId
      station.clear((each) =>
        id === undefined ? each.evseId === request.connectorId : each.id === id,
      )
    } else if (action === 'GetChargingProfiles') {
      clock.after(100, () => {
        void edge.say('ReportChargingProfiles', {
          requestId: request.requestId,
          chargingLimitSource: 'CSO',
          evseId: 1,
          chargingProfile: station.held().map(({ id, level, purpose }) => ({
            id,
            stackLevel: level,
            chargingProfilePurpose: purpose,
            chargingProfileKind: 'Relative',
            chargingSchedule: [
              { id, chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 6 }] },
            ],
          })),
        })
      })
    } else if (action === 'GetCompositeSchedule') {
      const chargingSchedulePeriod = station.composite(clock.now(), request.duration)
      return is16
        ? {
            status: 'Accepted',
            connectorId: 1,
            chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod },
          }
        : {
            status: 'Accepted',
            schedule: {
              evseId: 1,
              duration: request.duration,
              scheduleStart: new Date(station.own(clock.now())).toISOString(),
              chargingRateUnit: 'A',
              chargingSchedulePeriod,
            },
          }
    }
    return { status: 'Accepted' }
  })
  const view = createGridView(edge.options.site, [1, 0])
  const storage = createMemoryStorage({ log: edge.options.log })
  let controller: ReturnType<typeof createController> | null = createController({
    site: edge.options.site,
    clock,
    fleet: csms.fleet,
    gateway: edge.gateway,
    readings: { latest: () => null },
    storage,
    fabric: edge.options.fabric,
    log: edge.options.log,
    rules: DEFAULT_RULES,
    gridView: view,
    timeline: (nowMs) => buildTimeline([], view, nowMs, nowMs + 3_600_000),
    conditions: { set: () => {}, list: () => [] },
    planning: null,
  })
  const stamp = () => new Date(station.own(clock.now())).toISOString()
  let meters = false
  return {
    edge,
    station,
    run: async (seconds: number, check?: () => void) => {
      for (let s = 0; s < seconds; s++) {
        await clock.advanceTo(clock.now() + 1000)
        if (meters && s % 10 === 0) await meterValues()
        controller?.tick()
        await settle()
        check?.()
      }
    },
    start: async () => {
      meters = true
      if (is16) {
        await edge.say('StartTransaction', {
          connectorId: 1,
          idTag: 'A',
          meterStart: 0,
          timestamp: stamp(),
        })
        return
      }
      await edge.say('TransactionEvent', {
        eventType: 'Started',
        timestamp: stamp(),
        triggerReason: 'Authorized',
        seqNo: 0,
        transactionInfo: { transactionId: 't1', chargingState: 'Charging' },
        evse: { id: 1, connectorId: 1 },
        idToken: { idToken: 'A', type: 'ISO14443' },
      })
    },
    die: () => {
      controller = null
      meters = false
    },
  }

  async function meterValues(): Promise<void> {
    const amps = station.limitA(clock.now())
    const sampled = (value: unknown) => [
      { timestamp: stamp(), sampledValue: [{ measurand: 'Current.Import', value }] },
    ]
    if (is16) {
      await edge.say('MeterValues', { connectorId: 1, meterValue: sampled(String(amps)) })
    } else await edge.say('MeterValues', { evseId: 1, meterValue: sampled(amps) })
  }
}

const CLOCKS = [
  ['right', 0],
  ['-90 s', -90_000],
  ['-300 s', -300_000],
  ['-1 h', -3_600_000],
  ['-2 h', -7_200_000],
  ['+1 h', 3_600_000],
  ['+1 day', 86_400_000],
  ['in 1970', -Date.UTC(2026, 10, 22, 7)],
] as const

describe.each(VERSIONS)('%s', (version) => {
  test.each(CLOCKS)(
    'a clock that is %s: failsafe at once, live limits, safe in silence',
    async (_, offsetMs) => {
      const { edge, station, run, start, die } = await createSetting(version, offsetMs)
      edge.ready('CP1', version)
      await run(3)
      expect(station.limitA(edge.clock.now())).toBe(6)
      await start()
      await run(60, () => expect(station.limitA(edge.clock.now())).toBeLessThanOrEqual(32))
      expect(station.limitA(edge.clock.now())).toBe(32)
      die()
      await run(DEFAULT_RULES.longValidityMs / 1000 + 5)
      expect(station.limitA(edge.clock.now())).toBe(6)
    },
  )

  test('a station that does not know profiles is asked once an hour', async () => {
    const { edge, run, start } = await createSetting(version, 0)
    edge.ready('CP1', version)
    edge.answerWith(() => ({
      ok: false,
      reason: 'call-error',
      code: 'NotImplemented',
      detail: 'no',
    }))
    await run(5)
    await start()
    await run(1_800)
    expect(edge.sent.filter(({ action }) => action === 'SetChargingProfile')).toHaveLength(1)
    const told = edge.lines.filter(({ level }) => level === 'warn')
    expect(told.filter(({ message }) => message.includes('charging profiles'))).toHaveLength(1)
  })

  test('six profiles an hour at most, while nothing changes', async () => {
    const { edge, station, run, start } = await createSetting(version, 0)
    edge.ready('CP1', version)
    await start()
    await run(120)
    edge.sent.length = 0
    await run(3_600, () => expect(station.limitA(edge.clock.now())).toBe(32))
    const told = edge.sent.filter(({ action }) => action === 'SetChargingProfile')
    expect(told.length).toBeLessThanOrEqual(6)
  })

  test('a default of an earlier system loses to the failsafe, and is cleared', async () => {
    const { edge, station, run, start } = await createSetting(version, 0)
    station.take(1, {
      id: 77,
      stackLevel: 5,
      chargingProfilePurpose: 'TxDefaultProfile',
      chargingSchedule: { chargingSchedulePeriod: [{ startPeriod: 0, limit: 32 }] },
    })
    edge.ready('CP1', version)
    await run(5)
    await start()
    await run(60)
    expect(station.held().map(({ id }) => id)).not.toContain(77)
    const silentA = station.limitA(edge.clock.now() + DEFAULT_RULES.longValidityMs + 5_000)
    expect(silentA).toBe(6)
  })
})

test('a limit that a station has from its own EMS bounds the grant', async () => {
  const { edge, station, run, start } = await createSetting('ocpp2.0.1', 0)
  edge.ready('CP1', 'ocpp2.0.1')
  await start()
  await run(30)
  expect(station.limitA(edge.clock.now())).toBe(32)
  await edge.say('NotifyChargingLimit', {
    evseId: 1,
    chargingLimit: { chargingLimitSource: 'EMS', isGridCritical: true },
    chargingSchedule: [
      { id: 1, chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 10 }] },
    ],
  })
  await run(30)
  expect(station.limitA(edge.clock.now())).toBe(10)
  await edge.say('ClearedChargingLimit', { evseId: 1, chargingLimitSource: 'EMS' })
  await run(60)
  expect(station.limitA(edge.clock.now())).toBe(32)
})
