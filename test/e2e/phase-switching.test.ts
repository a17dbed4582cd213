import { join } from 'node:path'
import { describe, test } from 'vitest'
import { buildApp, type App } from '../../src/app.ts'
import { parseConfig } from '../../src/config/load.ts'
import { recordingLog } from '../fixtures/recording-log.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { plugIn } from './phase-vehicle.ts'
import { eventually } from './program.ts'
import { createRpcStation, type RpcStation } from './rpc-station.ts'

const folder = temporaryFolder()
const WAIT_MS = 60_000

interface Case {
  readonly version: '1.6' | '2.0.1'
  /** What the station says of its abilities. */
  readonly says: Readonly<Record<string, string>>
  /** The site's phase that stays on, its terminal, and what the station is told about it. */
  readonly phase: 'L1' | 'L2'
  readonly terminal: 'L1' | 'L3'
  readonly phaseToUse: 3 | null
  /** 13 A on that phase, in the order of the site. */
  readonly thirteenA: readonly number[]
}

/** The terminals are L2, L3, L1 of the site. 1.6 cannot name one; 2.0.1 is asked for the last. */
const CASES: readonly Case[] = [
  {
    version: '1.6',
    says: { ConnectorSwitch3to1PhaseSupported: 'true' },
    phase: 'L2',
    terminal: 'L1',
    phaseToUse: null,
    thirteenA: [0, 13, 0],
  },
  {
    version: '2.0.1',
    says: { Phases3to1: 'true', ACPhaseSwitchingSupported: 'true' },
    phase: 'L1',
    terminal: 'L3',
    phaseToUse: 3,
    thirteenA: [13, 0, 0],
  },
]

/**
 * The program with all its parts. A configuration asks for longer times, for the sake of contactors
 * that this station does not have.
 */
const startSite = async ({ version, phase }: Case): Promise<App> => {
  const text = `
site:
  id: e2e
  timeZone: Europe/Berlin
  currency: EUR
  supply: { kind: three-phase, voltageV: 230 }
nodes:
  - { id: connection, limitA: 63, margin: 0 }
stations:
  - id: ONE
    node: connection
    password: password-1
    wiring: L2L3L1
    phaseSwitching: true
    phaseSwitchPhase: ${phase}
idTokens: [{ idToken: CARD }]
ocpp: { port: 0 }
api: { port: 0 }
storage: { path: '${join(folder, `${version}.sqlite`)}' }
`
  const loaded = parseConfig(text, 'site.yaml', {})
  const control = {
    riseEveryS: 1,
    phaseSwitching: { downAfterS: 2, pauseS: 2, upAfterS: 3, marginW: 2000 },
  }
  const app = await buildApp(
    { ...loaded, config: { ...loaded.config, control } },
    recordingLog().log,
  )
  await app.start()
  return app
}

interface ApiReason {
  readonly code: string
  readonly phases?: number
}
interface ApiGrant {
  readonly limitA: number
  readonly reasons: readonly ApiReason[]
}

const createClient = async (app: App) => {
  const { secret } = await app.tokens.create({ label: 'test', scopes: ['read', 'operate'] }, 'test')
  const ask = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${app.apiAddress()!.port}/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    })
    const answer: unknown = await response.json()
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`)
    return answer
  }
  /** A limit of the whole site for half an hour from now on. */
  const limit = (limitW: number) => ({
    signal: { kind: 'import-limit', unit: 'W', scope: 'connection' },
    intervals: [{ durationS: 1800, value: limitW }],
  })
  return {
    setLimit: (limitW: number) => ask('POST', 'events', { eventId: 'scarce', ...limit(limitW) }),
    changeLimit: (limitW: number) => ask('PUT', 'events/api/scarce', limit(limitW)),
    endLimit: () => ask('POST', 'events/api/scarce/cancel', {}),
    why: () => ask('GET', 'evses/ONE/1/why'),
    grant: async () => ((await ask('GET', 'grants')) as { items: ApiGrant[] }).items[0],
    pastGrants: async () =>
      ((await ask('GET', 'evses/ONE/1/grants')) as { items: ApiGrant[] }).items.toReversed(),
  }
}

const withoutRepeats = (all: readonly string[]): string[] =>
  all.filter((each, k) => each !== all[k - 1])

/** What the profiles of the transaction said, one entry per change: `1 on`, `3 off`. */
const toldSteps = ({ told }: RpcStation): string[] =>
  withoutRepeats(
    told
      .filter(({ purpose }) => purpose === 'TxProfile')
      .map(({ numberPhases, limitA }) => `${numberPhases} ${limitA > 0 ? 'on' : 'off'}`),
  )

/** What grants said about phases, one entry per change. A pause says more than what it ends. */
const saidSteps = (grants: readonly ApiGrant[]): string[] =>
  withoutRepeats(
    grants.flatMap(({ reasons }) => {
      const pause = reasons.find(({ code }) => code === 'phase-switch')
      if (pause) return [`pause for ${pause.phases}`]
      return reasons.some(({ code }) => code === 'one-phase') ? ['one phase'] : []
    }),
  )

const onePhase = (phase: string, budgetW: number) => ({
  code: 'one-phase',
  phase,
  budgetW,
  threePhasesW: 4140,
})

describe.concurrent.each(CASES)('a station of OCPP $version that we did not write', (given) => {
  test('goes to one phase where three are too much, and comes back', async (context) => {
    const { expect, onTestFinished } = context
    const { version, says, phase, terminal, phaseToUse, thirteenA } = given
    const app = await startSite(given)
    onTestFinished(() => app.stop())
    const api = await createClient(app)
    const url = `ws://127.0.0.1:${app.ocpp.server.addresses()[0].port}/ocpp`
    const station = await createRpcStation(url, 'ONE', 'password-1', version, says)
    onTestFinished(() => station.close())
    const until = (what: string, check: () => boolean) => eventually(what, check, WAIT_MS)

    expect(await station.boot()).toBe('Accepted')
    await until('the failsafe is installed', () => station.told.length > 0)
    expect(await station.start('CARD')).toBe('Accepted')
    const vehicle = plugIn(station)
    onTestFinished(() => vehicle.unplug())
    await until('all that the vehicle can', () => vehicle.powerW() === 3 * 16 * 230)
    const reports = vehicle.reports()
    await until('its meter has shown three lines', () => vehicle.reports() >= reports + 3)

    // Nobody knows yet whether this station obeys: 6 A on one line might be 6 A on each.
    await api.setLimit(3_000)
    await until('0 A', () => station.limitA() === 0 && vehicle.powerW() === 0)
    vehicle.takePeakW()
    await expect.poll(api.grant, { timeout: WAIT_MS, interval: 200 }).toMatchObject({
      limitA: 0,
      reasons: expect.arrayContaining([expect.objectContaining(onePhase(phase, 3_000))]),
    })
    expect(vehicle.takePeakW()).toBe(0)

    // Room for 3 x 6 A, but not for the margin of coming back: it can show that it obeys.
    await api.changeLimit(5_000)
    await until('one phase that counts as three', () => station.limitA() === 7)
    expect(station.profile()).toMatchObject({ numberPhases: 1, phaseToUse })
    await until('one phase that counts as one', () => station.limitA() === 21)
    expect(vehicle.takePeakW()).toBeLessThanOrEqual(5_000)

    await api.changeLimit(3_000)
    await until('all of it on one phase', () => station.limitA() === 13)
    await until('the vehicle follows', () => vehicle.powerW() === 13 * 230)
    vehicle.takePeakW()
    await expect.poll(api.why, { timeout: WAIT_MS, interval: 200 }).toMatchObject({
      summary: expect.stringContaining(
        `Charging on ${phase} only: three phases need 4.1 kW, and 3 kW is available`,
      ),
      evse: { measured: { currentA: thirteenA } },
      nodes: [{ now: { mayDrawA: thirteenA } }],
    })
    expect(await api.grant()).toMatchObject({
      limitA: 13,
      reasons: [{ code: 'event-limit', eventId: 'scarce' }, onePhase(phase, 3_000)],
    })
    expect(vehicle.takePeakW()).toBeLessThanOrEqual(3_000)

    await api.endLimit()
    await until('three phases again', () => vehicle.powerW() === 3 * 16 * 230)
    expect(vehicle.terminals).toEqual(['L1 L2 L3', 'none', terminal, 'none', 'L1 L2 L3'])
    expect(toldSteps(station)).toEqual(['3 on', '3 off', '1 on', '1 off', '3 on'])
    await expect
      .poll(async () => saidSteps(await api.pastGrants()), { timeout: WAIT_MS })
      .toEqual(['pause for 1', 'one phase', 'pause for 3'])
    for (const profile of station.told) {
      expect(profile.phaseToUse).toBe(profile.numberPhases === 1 ? phaseToUse : null)
    }
  }, 180_000)
})
