import { once } from 'node:events'
import { afterAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { buildApp } from '../../src/app.ts'
import { parseConfig } from '../../src/config/load.ts'
import { createWords } from '../../src/api/words.ts'
import { eventually } from '../e2e/program.ts'
import { recordingLog } from '../fixtures/recording-log.ts'

/** A station whose receiving half hangs: it goes on talking, and only a new line cures it. */
const SITE = `
site: { id: mute, timeZone: Europe/Amsterdam, currency: EUR, supply: { kind: three-phase, voltageV: 230 } }
nodes: [{ id: feeder, limitA: 16, margin: 0 }]
stationDefaults: { securityProfile: 0, failsafeA: 6 }
stations: [{ id: CP1, node: feeder, maxA: 16, wiring: L1 }]
ocpp: { port: 0, unknownIdTokens: accept }
api: { port: 0 }
storage: { path: ':memory:' }
control: { riseEveryS: 1 }
`

type Frame = [number, string, string, Record<string, unknown>]

/** OCPP 1.6 by hand: a client library would answer. */
const connect = async (port: number) => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ocpp/CP1`, ['ocpp1.6'])
  const answers = new Map<string, (payload: Record<string, unknown>) => void>()
  const asked: string[] = []
  let isMute = false
  let closed: number | null = null
  let next = 0
  socket.on('message', (data: Buffer) => {
    const [type, id, action] = JSON.parse(data.toString()) as Frame
    if (type === 3) return answers.get(id)?.(action as unknown as Record<string, unknown>)
    asked.push(action)
    if (isMute) return
    const answer = action === 'GetConfiguration' ? { configurationKey: [] } : { status: 'Accepted' }
    socket.send(JSON.stringify([3, id, answer]))
  })
  socket.on('close', (code) => (closed = code))
  await once(socket, 'open')
  const call = (action: string, payload: object): Promise<Record<string, unknown>> =>
    new Promise((resolve) => {
      const id = `c${next++}`
      answers.set(id, resolve)
      socket.send(JSON.stringify([2, id, action, payload]))
    })
  return {
    call,
    asked,
    hang: () => (isMute = true),
    closed: () => closed,
    close: () => socket.close(),
  }
}

const stops: (() => unknown)[] = []
afterAll(async () => {
  for (const stop of stops.reverse()) await stop()
})

test('a station that answers no call is told so, and given a new line', async () => {
  const loaded = parseConfig(SITE, 'site.yaml', {})
  const { log, entries } = recordingLog()
  const app = await buildApp(loaded, log)
  await app.start()
  stops.push(() => app.stop())
  const [{ port }] = app.ocpp.server.addresses()
  const words = createWords(loaded.site)
  const why = (): string[] =>
    app.control.controller.view().evses[0].reasons.map((reason) => words.reason(reason))

  const first = await connect(port)
  stops.push(first.close)
  await first.call('BootNotification', { chargePointVendor: 'Half', chargePointModel: 'Deaf' })
  await eventually('the failsafe', () => first.asked.includes('SetChargingProfile'))
  first.hang()
  const timestamp = new Date().toISOString()
  await first.call('StartTransaction', { connectorId: 1, idTag: 'A', meterStart: 0, timestamp })
  await first.call('StatusNotification', {
    connectorId: 1,
    errorCode: 'NoError',
    status: 'Charging',
  })
  // It goes on talking.
  const beat = setInterval(() => void first.call('Heartbeat', {}), 10_000)
  stops.push(() => clearInterval(beat))
  // The control loop asks, and so does an operator.
  await eventually('a limit is sent', () => first.asked.at(-1) === 'SetChargingProfile')
  void app.ocpp.gateway.trigger('CP1', 'MeterValues', 1)

  await eventually('the true cause', () => /has not answered any command/.test(why()[0]), 40_000)
  expect(why().join(' ')).not.toContain('refused')
  // What the lost command may have installed counts.
  expect(app.control.controller.view().evses[0].mayDrawA).toBe(16)
  await eventually('the line is closed', () => first.closed() !== null, 45_000)
  expect(first.closed()).toBe(1011)
  expect(app.ocpp.csms.unanswered.list()).toMatchObject([{ stationId: 'CP1', isAtEnd: false }])

  const second = await connect(port)
  stops.push(second.close)
  await second.call('Heartbeat', {})
  await eventually('a limit is in force', () => {
    const [evse] = app.control.controller.view().evses
    return evse.validToMs !== null && evse.inForceA === 16
  })
  expect(why().join(' ')).not.toContain('not answered')
  expect(app.ocpp.csms.unanswered.list()).toEqual([])
  expect(entries.some(({ message }) => message === 'a station answers commands again')).toBe(true)
}, 120_000)
