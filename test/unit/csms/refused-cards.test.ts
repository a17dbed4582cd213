import { expect, test } from 'vitest'
import { createLog } from '../../../src/app/log.ts'
import { createRefusedCards } from '../../../src/csms/refused-cards.ts'
import { createVirtualClock } from '../../../src/domain/virtual-clock.ts'
import { recordingLog } from '../../fixtures/recording-log.ts'
import { createWorld, START_MS } from './harness.ts'

const HOUR_MS = 3_600_000

const start = () => {
  const clock = createVirtualClock(START_MS)
  const { log, entries } = recordingLog()
  return { clock, entries, note: createRefusedCards({ clock, log }) }
}

test('a card is told once in an hour and station, whatever its letter case', async () => {
  const { clock, entries, note } = start()
  note('CP1', 'AbC', 'blocked')
  note('CP1', 'aBC', 'blocked')
  note('CP2', 'ABC', 'blocked')
  expect(entries.map(({ level, fields }) => ({ level, ...fields }))).toEqual([
    { level: 'info', stationId: 'CP1', status: 'blocked', idToken: 'AbC' },
    { level: 'info', stationId: 'CP2', status: 'blocked', idToken: 'ABC' },
  ])
  await clock.advanceTo(START_MS + HOUR_MS - 1)
  note('CP1', 'ABC', 'blocked')
  expect(entries).toHaveLength(2)
  await clock.advanceTo(START_MS + HOUR_MS)
  note('CP1', 'ABC', 'blocked')
  expect(entries).toHaveLength(3)
})

test('what to do about a card that nobody entered is said', () => {
  const { entries, note } = start()
  note('CP1', 'NEW', 'unknown')
  expect(entries[0].message).toMatch(/nobody entered.*ocpp\.unknownIdTokens/)
})

test('a station that shows one card after the other does not fill the log', () => {
  const { entries, note } = start()
  for (let card = 0; card < 1_000; card++) note('CP1', `CARD${card}`, 'unknown')
  expect(entries).toHaveLength(51)
  expect(entries.at(-1)?.message).toMatch(/more cards are refused/)
  note('CP2', 'CARD0', 'unknown')
  expect(entries).toHaveLength(52)
})

test('the card itself does not reach the log', () => {
  const written: string[] = []
  const log = createLog('info', { write: (line) => void written.push(line) })
  createRefusedCards({ clock: createVirtualClock(START_MS), log })('CP1', 'DEADBEEF', 'expired')
  expect(written.join('')).toContain('"stationId":"CP1","status":"expired","idToken":"[secret]"')
})

test('drivers who are sent away are told, others are not', async () => {
  const world = await createWorld({
    authorization: { unknownTokens: 'reject', concurrentTransactions: 'refuse' },
  })
  world.ready('CP1')
  const { csms, lines } = world
  const station = csms.stations.mustFind('CP1')
  const refusals = () => lines.filter(({ message }) => message.includes('card')).length
  csms.authorization.expect('GUEST')
  csms.authorization.authorize(station, 'GUEST')
  csms.authorization.authorize(station, null)
  csms.authorization.authorize(station, '')
  expect(refusals()).toBe(0)
  csms.authorization.authorize(station, 'STRANGER')
  csms.authorization.authorizeStart(station, 1, 'STRANGER', null)
  expect(refusals()).toBe(1)
})
