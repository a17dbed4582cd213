import { connect as connectTcp } from 'node:net'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../fixtures/free-port.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { basic, connect, refusal } from './ocpp-support.ts'
import { startProgram, type RunningProgram } from './program.ts'

const folder = temporaryFolder()
let program: RunningProgram
let url = ''
let api = ''
let ocppPort = 0

beforeAll(async () => {
  ocppPort = await freePort()
  const apiPort = await freePort()
  url = `ws://127.0.0.1:${ocppPort}/ocpp`
  api = `http://127.0.0.1:${apiPort}`
  program = await startProgram(
    folder,
    `
site:
  id: abused
  timeZone: Europe/Amsterdam
  currency: EUR
  supply: { kind: three-phase, voltageV: 230 }
nodes: [{ id: feeder, limitA: 40 }]
stations:
  - { id: ONE, node: feeder, password: password-1 }
  - { id: TWO, node: feeder, password: password-2 }
  - { id: GUESSED, node: feeder, password: password-3 }
ocpp: { port: ${ocppPort} }
api: { port: ${apiPort}, openMetrics: true }
storage: { path: abused.sqlite }
`,
    [ocppPort, apiPort],
  )
}, 60_000)

afterAll(() => program.kill('SIGKILL'))

const enter = (id: string, password: string, protocol: string) =>
  connect(`${url}/${id}`, protocol, { headers: basic(id, password) })

/** The program lives: it is ready, and a station that is in order is served. */
const isWell = async (): Promise<void> => {
  expect((await fetch(`${api}/health/ready`)).status).toBe(200)
  const { send, take, socket } = await enter('TWO', 'password-2', 'ocpp2.0.1')
  const chargingStation = { vendorName: 'Vendor', model: 'Model' }
  send([2, 'b', 'BootNotification', { reason: 'PowerUp', chargingStation }])
  expect(await take(1)).toMatchObject([[3, 'b', { status: 'Accepted' }]])
  socket.terminate()
}

test.each(['ocpp1.6', 'ocpp2.0.1'])('%s: wrong credentials get 401', async (protocol) => {
  for (const headers of [{}, basic('GUESSED', 'wrong'), basic('TWO', 'password-3')]) {
    const { status } = await refusal(`${url}/GUESSED`, protocol, { headers })
    // After a few failures this station has to wait, right or wrong.
    expect([401, 429]).toContain(status)
  }
  await isWell()
})

test('1.6: malformed frames and unknown actions get the answer of the standard', async () => {
  const { send, take } = await enter('ONE', 'password-1', 'ocpp1.6')
  for (const text of ['', '{', '[]', 'null', '[2]', '[9,"x"]', '[3,"x",{}]']) send(text)
  send([2, 'u', 'Unheard', {}])
  send([2, 'r', 'RemoteStartTransaction', { idTag: 'A' }])
  send([2, 'm', 'BootNotification', { chargePointVendor: 'V' }])
  send([2, 'b', 'BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' }])
  expect(await take(4)).toEqual([
    [4, 'u', 'NotImplemented', expect.any(String), {}],
    [4, 'r', 'NotSupported', expect.any(String), {}],
    [4, 'm', 'OccurenceConstraintViolation', expect.stringContaining('chargePointModel'), {}],
    [3, 'b', expect.objectContaining({ status: 'Accepted' })],
  ])
  await isWell()
})

test('2.0.1: the same, with its own codes', async () => {
  const { send, take } = await enter('ONE', 'password-1', 'ocpp2.0.1')
  send('[2,"","Heartbeat",{}]')
  send([2, 'u', 'Unheard', {}])
  send([2, 'm', 'BootNotification', { reason: 'PowerUp' }])
  expect(await take(3)).toEqual([
    [4, '-1', 'RpcFrameworkError', expect.any(String), {}],
    [4, 'u', 'NotImplemented', expect.any(String), {}],
    [4, 'm', 'OccurrenceConstraintViolation', expect.any(String), {}],
  ])
  await isWell()
})

test('an oversize frame closes its line with 1009', async () => {
  const { send, closed } = await enter('ONE', 'password-1', 'ocpp1.6')
  send([2, 'a', 'DataTransfer', { vendorId: 'v', data: 'x'.repeat(300_000) }])
  expect(await closed).toMatchObject({ code: 1009 })
  await isWell()
})

test('bytes that are no HTTP are turned away, and all of it has been counted', async () => {
  const socket = connectTcp(ocppPort, '127.0.0.1')
  socket.write('\0\x01 nonsense\r\n\r\n')
  socket.resume()
  await once(socket, 'close')
  await isWell()
  const metrics = await (await fetch(`${api}/metrics`)).text()
  const counted = ['broken_frames', 'violations', 'oversize_frames', 'wrong_credentials'].filter(
    (name) => new RegExp(`^busbar_ocpp_${name}_total [1-9]`, 'm').test(metrics),
  )
  expect(counted).toHaveLength(4)
  expect(program.process.exitCode).toBeNull()
})
