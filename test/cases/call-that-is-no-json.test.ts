import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { EMPTY } from '../../src/ocpp/dialect.ts'
import { connect, startServer } from '../e2e/ocpp-support.ts'

/** A member without a value in a CALL, and a comma too many in an answer. */
const CASE = join(import.meta.dirname, '../fixtures/cases/call-that-is-no-json/frames.txt')
const [call, answer] = readFileSync(CASE, 'utf8').split('\n')

const start = async () => {
  const taken: unknown[] = []
  const handlers = {
    MeterValues: (payload: unknown) => {
      taken.push(payload)
      return EMPTY
    },
  }
  const { url, server, logged } = await startServer({
    dialects: [{ protocol: 'ocpp1.6', handlers }],
  })
  return { ...(await connect(`${url}/CP1`)), server, logged, taken }
}

/** Our CALL on the line. */
const asked = async (take: (count: number) => Promise<unknown[]>): Promise<string> =>
  ((await take(1)) as [[number, string]])[0][1]

test('the readings of a CALL with a missing value are used, and the slip is logged', async () => {
  const { send, take, taken, logged } = await start()
  send(call)
  expect(await take(1)).toEqual([[3, '701', {}]])
  expect(taken).toEqual([
    { connectorId: 1, meterValue: [expect.objectContaining({ sampledValue: expect.any(Array) })] },
  ])
  send(call.replace('701', '702'))
  await take(1)
  const lines = logged.filter(({ message }) => message.includes('repaired'))
  expect(lines).toHaveLength(1)
  expect(lines[0].fields).toMatchObject({ stationId: 'CP1' })
})

test('an answer with a comma too many is read', async () => {
  const { send, take, server } = await start()
  const result = server.call('CP1', 'GetConfiguration', {})
  send(answer.replace('<id of our GetConfiguration>', await asked(take)))
  expect(await result).toMatchObject({
    ok: true,
    response: { configurationKey: [{ key: 'NumberOfConnectors' }], unknownKey: [] },
  })
})

test('what cannot be repaired is refused at once, under its id', async () => {
  const { send, take } = await start()
  send('[2,"703","MeterValues",{"connectorId":1,"meterValue":[{]}]')
  expect(await take(1)).toEqual([[4, '703', 'FormationViolation', expect.any(String), {}]])
})

test('an answer that cannot be read fails its command at once, and the next one goes out', async () => {
  const { send, take, server } = await start()
  const first = server.call('CP1', 'GetConfiguration', {})
  const second = server.call('CP1', 'ClearCache', {})
  send(`[3,"${await asked(take)}",{"configurationKey":[{]}]`)
  expect(await first).toMatchObject({ ok: false, reason: 'call-error', code: 'FormatViolation' })
  send([3, await asked(take), { status: 'Accepted' }])
  expect(await second).toMatchObject({ ok: true })
})
