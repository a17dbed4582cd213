import { expect, test } from 'vitest'
import type { CommandResult } from '../../../src/ports/station-gateway.ts'
import { createEdge } from '../ocpp/edge.ts'
import { settle } from './harness.ts'

const TIMEOUT: CommandResult = { ok: false, reason: 'timeout', detail: 'no answer' }
const HOUR_S = 3_600

/** A station that hangs, asked every half minute, on an edge without sockets. */
const hanging = async () => {
  const edge = await createEdge('ocpp1.6')
  const { csms, gateway } = edge
  const told: boolean[] = []
  csms.unanswered.use(
    (stationId) => void gateway.reset(stationId, 'on-idle'),
    (_, isHanging) => told.push(isHanging),
  )
  edge.ready('CP1')
  edge.answerWith(() => TIMEOUT)
  const ask = async (): Promise<void> => {
    await edge.advance(30)
    await gateway.trigger('CP1', 'MeterValues', 1)
    await settle()
  }
  const resets = (): number => edge.sent.filter(({ action }) => action === 'Reset').length
  return { ...edge, ask, resets, told }
}

test('the connection is closed after two time-outs, and the next one brings a reset', async () => {
  const { ask, closed, ready, resets, csms } = await hanging()
  await ask()
  expect(closed).toEqual([])
  await ask()
  expect(closed).toEqual([{ stationId: 'CP1', code: 1011 }])
  ready('CP1')
  await ask()
  expect(resets()).toBe(0)
  await ask()
  expect(resets()).toBe(1)
  expect(closed).toHaveLength(1)
  expect(csms.unanswered.list()).toMatchObject([{ stationId: 'CP1', isAtEnd: false }])
})

test('then it is left alone with growing waits, until a person is told', async () => {
  const { ask, closed, ready, resets, lines, csms, clock, told } = await hanging()
  const closings: number[] = []
  const startMs = clock.now()
  for (let k = 0; k < (4 * HOUR_S) / 30; k++) {
    const before = closed.length
    await ask()
    if (closed.length === before) continue
    closings.push(Math.round((clock.now() - startMs) / 60_000))
    ready('CP1')
  }
  expect(resets()).toBe(1)
  expect(closings).toHaveLength(4)
  const waits = closings.slice(1).map((minute, k) => minute - closings[k])
  expect(waits).toEqual([...waits].sort((a, b) => a - b))
  expect(csms.unanswered.list()).toMatchObject([{ isAtEnd: true }])
  expect(lines.filter(({ fields }) => 'isLast' in fields && fields.isLast)).toHaveLength(1)
  expect(told.at(-1)).toBe(true)
})

test('any answer ends it, a refusal too', async () => {
  const { ask, closed, answerWith, csms, told } = await hanging()
  await ask()
  answerWith(() => ({ status: 'Rejected' }))
  await ask()
  expect(told).toEqual([false])
  expect(csms.unanswered.list()).toEqual([])
  answerWith(() => TIMEOUT)
  await ask()
  expect(closed).toEqual([])
})

test('a call that the end of the line cut off says nothing of the station', async () => {
  const { ask, closed, connect, csms, answerWith } = await hanging()
  answerWith(() => {
    connect('CP1')
    return TIMEOUT
  })
  for (let k = 0; k < 4; k++) {
    csms.connections.allowed('CP1', 'Heartbeat')
    await ask()
  }
  expect(csms.unanswered.list()).toEqual([])
  expect(closed).toEqual([])
})
