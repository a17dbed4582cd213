import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createVirtualClock } from '../../src/domain/virtual-clock.ts'
import { ACTIONS, PROTOCOLS } from '../../src/ocpp/actions.ts'
import { EMPTY } from '../../src/ocpp/dialect.ts'
import { asciiFrame } from '../../src/ocpp/text-frame.ts'
import { createCheck } from '../../src/ocpp/validate.ts'
import { START_MS, startSession } from '../unit/ocpp/support.ts'

const protocols = fc.constantFrom(...PROTOCOLS)
const NOW = '2026-11-22T07:00:00.000Z'

const handlers = {
  Heartbeat: () => ({ currentTime: NOW }),
  BootNotification: () => Promise.resolve({ currentTime: NOW, interval: 300, status: 'Accepted' }),
  StatusNotification: () => EMPTY,
  MeterValues: () => EMPTY,
  Authorize: () => {
    throw new Error('broken')
  },
  SecurityEventNotification: () => Promise.reject(new Error('broken')),
}

const ids = fc.oneof(fc.uuid(), fc.string(), fc.integer(), fc.jsonValue())
const actions = fc.oneof(
  fc.constantFrom(...Object.keys(handlers), 'Reset', 'DataTransfer', '__proto__', 'toString'),
  fc.string(),
  fc.jsonValue(),
)
const types = fc.oneof(fc.constantFrom<unknown>(2, 2, 2, 3, 4, 5, 6, '2'), fc.jsonValue())
const frames = fc.oneof(
  fc.string(),
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.tuple(types, ids, actions, fc.jsonValue()).map((frame) => JSON.stringify(frame)),
  fc
    .tuple(types, ids, actions, fc.jsonValue(), fc.jsonValue())
    .map((frame) => JSON.stringify(frame)),
)

const isUsable = (id: unknown) =>
  typeof id === 'number' || (typeof id === 'string' && id.length > 0 && id.length <= 255)

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

describe('whatever a station sends', () => {
  test('every CALL with a usable id gets exactly one answer, and nothing else is answered', async () => {
    await fc.assert(
      fc.asyncProperty(protocols, fc.array(frames, { maxLength: 20 }), async (protocol, texts) => {
        const { receive, takeSent } = startSession({ protocol, handlers })
        const expected = new Map<string, number>()
        // A repeated frame is answered from memory, or not at all while its handler runs.
        for (const text of new Set(texts)) {
          const frame = parsed(text)
          if (Array.isArray(frame) && frame[0] === 2 && isUsable(frame[1])) {
            const key = JSON.stringify(frame[1])
            expected.set(key, (expected.get(key) ?? 0) + 1)
          }
          receive(text)
        }
        await new Promise((resolve) => setImmediate(resolve))
        const answers = takeSent()
        const got = new Map<string, number>()
        for (const [type, id] of answers) {
          expect([3, 4]).toContain(type)
          const key = JSON.stringify(id)
          if (id !== '-1' || expected.has(key)) got.set(key, (got.get(key) ?? 0) + 1)
        }
        for (const [key, count] of expected) {
          if (key === '"-1"') expect(got.get(key)).toBeGreaterThanOrEqual(count)
          else expect(got.get(key)).toBe(count)
        }
        expect([...got.keys()].every((key) => expected.has(key))).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  test('random bytes never harm', () => {
    fc.assert(
      fc.property(protocols, fc.uint8Array({ maxLength: 200 }), (protocol, bytes) => {
        const { session, takeSent } = startSession({ protocol, handlers })
        session.receive(Buffer.from(bytes))
        expect(takeSent().length).toBeLessThanOrEqual(1)
      }),
      { numRuns: 300 },
    )
  })
})

describe('whatever a payload contains', () => {
  const clock = createVirtualClock(START_MS)
  const checks = new Map(
    PROTOCOLS.map((protocol) => [
      protocol,
      ['StatusNotification', 'MeterValues', 'TransactionEvent', 'StartTransaction', 'NotifyReport']
        .filter((action) => Object.hasOwn(ACTIONS[protocol], action))
        .map((action) => createCheck(protocol, action, 'request', clock)),
    ]),
  )
  const keys = fc.constantFrom(
    'connectorId',
    'connectorID',
    'status',
    'errorCode',
    'timestamp',
    'idTag',
    'meterValue',
    'sampledValue',
    'value',
    'unit',
    'measurand',
    'transactionInfo',
    'seqNo',
    'offline',
    'x',
  )
  const values = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<unknown>(null, '', 0, 1, '1', 12.5, true, 'Available', 'kwh', 'Voltage', NOW),
      fc.constantFrom<unknown>('2026-11-22T07:00:00', '0000-00-00', 'x'.repeat(600), -1),
      fc.array(tie('value'), { maxLength: 3 }),
      tie('object'),
    ),
    object: fc.dictionary(keys, tie('value'), { maxKeys: 8 }),
  }))

  test('repair never throws, and what it accepts it accepts again unchanged', () => {
    fc.assert(
      fc.property(protocols, fc.nat({ max: 4 }), values.object, (protocol, index, payload) => {
        const known = checks.get(protocol) ?? []
        const check = known[index % known.length]
        const verdict = check?.receive(payload)
        if (!verdict || verdict.violation) return
        const repaired = structuredClone(payload)
        expect(check?.receive(payload)?.violation ?? null).toBeNull()
        expect(payload).toEqual(repaired)
      }),
      { numRuns: 2000 },
    )
  })
})

test('a text frame written by hand is what a client reads', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii', maxLength: 300 }), (text) => {
      const bytes = Buffer.from(asciiFrame(text) ?? '', 'latin1')
      const short = bytes[1] < 126
      const length = short ? bytes[1] : bytes.readUInt16BE(2)
      expect(bytes[0]).toBe(0x81)
      expect(bytes.subarray(short ? 2 : 4).toString()).toBe(text)
      expect(length).toBe(text.length)
    }),
  )
})
