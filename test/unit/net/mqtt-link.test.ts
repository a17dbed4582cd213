import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createSystemClock } from '../../../src/fabric/system-clock.ts'
import { createMqttLink } from '../../../src/net/mqtt-link.ts'
import { recordingLog } from '../../fixtures/recording-log.ts'

/** MQTT 3.1.1: the broker takes us; a message "b" with the topic "a". */
const ACCEPTED = Buffer.from([0x20, 2, 0, 0])
const MESSAGE = Buffer.from([0x30, 4, 0, 1, 0x61, 0x62])

const stops: (() => unknown)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

/** A broker of a few bytes that reads and never closes. */
const brokerThat = async (answers: (socket: Socket) => void): Promise<string> => {
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('data', () => answers(socket))
    socket.resume()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  stops.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `mqtt://user:secret@127.0.0.1:${(server.address() as AddressInfo).port}`
}

const linkTo = (url: string) => {
  const { log, entries } = recordingLog()
  const happened: string[] = []
  const link = createMqttLink(
    { id: 'hub', url, version: 4, clientId: 'test', minRetryMs: 20, maxRetryMs: 20 },
    {
      connected: () => void happened.push('connected'),
      disconnected: () => void happened.push('disconnected'),
      message: (topic, payload) => void happened.push(`${topic}=${payload.toString()}`),
    },
    { clock: createSystemClock({ keepAlive: true }), random: { next: () => 0.5 }, log },
  )
  stops.push(() => link.close())
  return { link, happened, entries }
}

test('what comes together with the acceptance is not missed', async () => {
  const { link, happened } = linkTo(
    await brokerThat((socket) => socket.write(Buffer.concat([ACCEPTED, MESSAGE]))),
  )
  link.open()
  await expect.poll(() => happened).toEqual(['connected', 'a=b'])
})

test('a broker that does not let go is left', async () => {
  const { link, happened } = linkTo(await brokerThat((socket) => socket.write(ACCEPTED)))
  link.open()
  await expect.poll(() => link.health().ok).toBe(true)
  await link.close()
  expect(happened).toEqual(['connected', 'disconnected'])
  expect(link.health()).toMatchObject({
    ok: false,
    detail: expect.stringMatching(/closed$/) as string,
  })
})

test('a connection that breaks is made again, and nothing says the password', async () => {
  let connections = 0
  const url = await brokerThat((socket) => {
    connections += 1
    if (connections === 1) socket.end(ACCEPTED)
    else socket.write(ACCEPTED)
  })
  const { link, happened, entries } = linkTo(url)
  link.open()
  await expect.poll(() => happened).toEqual(['connected', 'disconnected', 'connected'])
  await expect.poll(() => link.health().ok).toBe(true)
  expect(entries.map(({ message }) => message)).toContain('no connection')
  expect(JSON.stringify([entries, link.health()])).not.toContain('secret')
})
