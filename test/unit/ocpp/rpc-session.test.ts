import { describe, expect, test } from 'vitest'
import { AppError } from '../../../src/errors.ts'
import { EMPTY, type Protocol } from '../../../src/ocpp/dialect.ts'
import { RpcError } from '../../../src/ocpp/rpc-error.ts'
import { startSession } from './support.ts'

const NOW = '2026-11-22T07:00:00.000Z'
const BOOT = { chargePointVendor: 'V', chargePointModel: 'M' }
const HEARTBEAT = { Heartbeat: () => ({ currentTime: NOW }) }

/** A promise and the means to settle it. */
const deferred = <T>() => {
  let resolve: (value: T) => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<T>((res, rej) => {
    resolve = res
    reject = rej
  })
  return { promise, resolve, reject }
}

/** Lets settled promises be heard. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('answers', () => {
  test('a synchronous handler is answered before receive returns', () => {
    const { receive, takeSent, counters } = startSession({ handlers: HEARTBEAT })
    receive([2, 'a', 'Heartbeat', {}])
    expect(takeSent()).toEqual([[3, 'a', { currentTime: NOW }]])
    expect(counters).toMatchObject({ callsIn: 1, resultsOut: 1, errorsOut: 0 })
  })

  test('the handler gets the payload and the link', () => {
    const seen: unknown[] = []
    const { receive, session } = startSession({
      handlers: {
        StatusNotification: (payload, link) => {
          seen.push(payload, link)
          return EMPTY
        },
      },
    })
    const payload = { connectorId: 1, errorCode: 'NoError', status: 'Available' }
    receive([2, 'a', 'StatusNotification', payload])
    expect(seen).toEqual([payload, session])
  })

  test('an answer without content is the constant text', () => {
    const { receive, wire } = startSession({
      handlers: { Heartbeat: () => ({ currentTime: NOW }), StatusNotification: () => EMPTY },
    })
    receive([
      2,
      'a',
      'StatusNotification',
      { connectorId: 0, errorCode: 'NoError', status: 'Available' },
    ])
    expect(wire.sent).toEqual(['[3,"a",{}]'])
  })

  test('asynchronous handlers answer when they are done, in any order', async () => {
    const first = deferred<object>()
    const waiting = [first.promise, Promise.resolve({ idTagInfo: { status: 'Blocked' } })]
    const { receive, takeSent } = startSession({
      handlers: { Authorize: () => waiting.shift() ?? EMPTY },
    })
    receive([2, 'slow', 'Authorize', { idTag: 'A' }])
    receive([2, 'fast', 'Authorize', { idTag: 'B' }])
    await settle()
    expect(takeSent()).toEqual([[3, 'fast', { idTagInfo: { status: 'Blocked' } }]])
    first.resolve({ idTagInfo: { status: 'Accepted' } })
    await settle()
    expect(takeSent()).toEqual([[3, 'slow', { idTagInfo: { status: 'Accepted' } }]])
  })

  test('after the end nothing is sent any more', async () => {
    const answer = deferred<object>()
    const { receive, takeSent, session } = startSession({
      handlers: { Heartbeat: () => answer.promise },
    })
    receive([2, 'a', 'Heartbeat', {}])
    session.end()
    answer.resolve({ currentTime: NOW })
    await settle()
    receive([2, 'b', 'Heartbeat', {}])
    expect(takeSent()).toEqual([])
  })

  test('a model that cannot bear quick answers gets them later', async () => {
    const { receive, takeSent, passMs } = startSession({ handlers: HEARTBEAT, replyDelayMs: 50 })
    receive([2, 'a', 'Heartbeat', {}])
    await passMs(49)
    expect(takeSent()).toEqual([])
    await passMs(1)
    expect(takeSent()).toHaveLength(1)
  })
})

describe('refusals', () => {
  const fail = (error: unknown) => () => {
    throw error
  }
  test.each<[string, unknown[], string, string]>([
    ['unknown action', ['NoSuchAction', {}], 'NotImplemented', 'NotImplemented'],
    ['a name of the prototype', ['constructor', {}], 'NotImplemented', 'NotImplemented'],
    [
      'known action, no handler',
      ['DataTransfer', { vendorId: 'x' }],
      'NotSupported',
      'NotSupported',
    ],
    ['action of the other direction', ['Reset', { type: 'Soft' }], 'NotSupported', 'NotSupported'],
    ['action is no text', [42, {}], 'ProtocolError', 'RpcFrameworkError'],
    ['action is missing', [], 'ProtocolError', 'RpcFrameworkError'],
    ['payload is a list', ['Heartbeat', []], 'FormationViolation', 'FormatViolation'],
    ['payload is a text', ['Heartbeat', 'x'], 'FormationViolation', 'FormatViolation'],
    [
      'missing field',
      ['BootNotification', {}],
      'OccurenceConstraintViolation',
      'OccurrenceConstraintViolation',
    ],
    [
      'wrong type',
      ['SignCertificate', { csr: [] }],
      'TypeConstraintViolation',
      'TypeConstraintViolation',
    ],
    [
      'wrong value',
      ['FirmwareStatusNotification', { status: 'Nope' }],
      'PropertyConstraintViolation',
      'PropertyConstraintViolation',
    ],
    [
      'handler refuses',
      ['LogStatusNotification', { status: 'Idle' }],
      'GenericError',
      'GenericError',
    ],
  ])('%s', (_, rest, code16, code201) => {
    for (const [protocol, code] of [
      ['ocpp1.6', code16],
      ['ocpp2.0.1', code201],
    ] as const) {
      const { receive, takeSent } = startSession({
        protocol,
        handlers: {
          ...HEARTBEAT,
          BootNotification: () => EMPTY,
          SignCertificate: () => EMPTY,
          FirmwareStatusNotification: () => EMPTY,
          LogStatusNotification: fail(new RpcError('GenericError', 'not today')),
        },
      })
      receive([2, 'id', ...rest])
      expect(takeSent()).toEqual([[4, 'id', code, expect.stringMatching(/./), {}]])
    }
  })

  test('a missing or null payload stands for the empty one', () => {
    const { receive, takeSent, counters } = startSession({ handlers: HEARTBEAT })
    receive([2, 'a', 'Heartbeat'])
    receive([2, 'b', 'Heartbeat', null])
    expect(takeSent().map(([type]) => type)).toEqual([3, 3])
    expect(counters.sloppyFrames).toBe(2)
  })

  test('faults inside are logged with their cause and told without', async () => {
    const cause = new Error('disk on fire')
    const { receive, takeSent, logged, counters } = startSession({
      handlers: { Heartbeat: fail(cause), Authorize: () => Promise.reject(cause) },
    })
    receive([2, 'a', 'Heartbeat', {}])
    receive([2, 'b', 'Authorize', { idTag: 'A' }])
    await settle()
    const answers = takeSent()
    expect(answers.map(([, id, code]) => [id, code])).toEqual([
      ['a', 'InternalError'],
      ['b', 'InternalError'],
    ])
    expect(JSON.stringify(answers)).not.toContain('fire')
    expect(logged.filter(({ level }) => level === 'error').map(({ fields }) => fields)).toEqual([
      { stationId: 'CP1', action: 'Heartbeat', err: cause },
      { stationId: 'CP1', action: 'Authorize', err: cause },
    ])
    expect(counters.handlerFaults).toBe(2)
  })

  test('an AppError is mapped and not logged as a fault', () => {
    const { receive, takeSent, counters } = startSession({
      handlers: { Heartbeat: fail(new AppError('not-found', 'No EVSE 3')) },
    })
    receive([2, 'a', 'Heartbeat', {}])
    expect(takeSent()).toEqual([[4, 'a', 'PropertyConstraintViolation', 'No EVSE 3', {}]])
    expect(counters.handlerFaults).toBe(0)
  })

  test('an answer of ours that does not fit its schema is not sent', async () => {
    const { receive, takeSent, counters } = startSession({
      handlers: { Heartbeat: () => ({ time: 1 }), Authorize: () => Promise.resolve({}) },
    })
    receive([2, 'a', 'Heartbeat', {}])
    receive([2, 'b', 'Authorize', { idTag: 'A' }])
    await settle()
    expect(takeSent().map(([, , code]) => code)).toEqual(['InternalError', 'InternalError'])
    expect(counters.ownViolations).toBe(2)
  })

  test('descriptions are cut to what the standard allows', () => {
    const { receive, takeSent } = startSession({
      handlers: { Heartbeat: fail(new RpcError('GenericError', 'x'.repeat(1000))) },
    })
    receive([2, 'a', 'Heartbeat', {}])
    expect(takeSent()[0][3]).toHaveLength(255)
  })
})

describe('the gate before an accepted boot', () => {
  test.each<Protocol>(['ocpp1.6', 'ocpp2.0.1'])(
    '%s: SecurityError, the handler is not run',
    (protocol) => {
      let handled = 0
      const asked: unknown[] = []
      const { receive, takeSent, counters, session } = startSession({
        protocol,
        allowed: (link, action, payload) => {
          asked.push([link, action, payload])
          return action === 'BootNotification'
        },
        handlers: { Heartbeat: () => ({ currentTime: NOW, handled: ++handled }) },
      })
      receive([2, 'a', 'Heartbeat', {}])
      expect(takeSent()).toEqual([
        [4, 'a', 'SecurityError', expect.stringContaining('Heartbeat'), {}],
      ])
      expect(asked).toEqual([[session, 'Heartbeat', {}]])
      expect(handled).toBe(0)
      expect(counters.gated).toBe(1)
    },
  )

  test('a gate that throws is a fault, and the CALL is answered', () => {
    const { receive, takeSent } = startSession({
      allowed: () => {
        throw new Error('no state')
      },
      handlers: HEARTBEAT,
    })
    receive([2, 'a', 'Heartbeat', {}])
    expect(takeSent()[0].slice(0, 3)).toEqual([4, 'a', 'InternalError'])
  })
})

describe('frames', () => {
  test.each([
    'not json',
    '{}',
    '[]',
    '[null]',
    '["2","a","Heartbeat",{}]',
    '42',
    '',
    'null',
    '[2]',
    '[2,"",  "Heartbeat",{}]',
    '[2,null,"Heartbeat",{}]',
    '[2,{},"Heartbeat",{}]',
    `[2,"${'x'.repeat(256)}","Heartbeat",{}]`,
  ])('unreadable: %s', (text) => {
    const old = startSession({ handlers: HEARTBEAT })
    old.receive(text)
    expect(old.takeSent()).toEqual([])
    expect(old.counters.brokenFrames).toBe(1)
    const young = startSession({ protocol: 'ocpp2.0.1', handlers: HEARTBEAT })
    young.receive(text)
    expect(young.takeSent()).toEqual([
      [4, '-1', 'RpcFrameworkError', expect.stringMatching(/./), {}],
    ])
  })

  test('a message nested too deeply is refused as malformed', () => {
    const { receive, takeSent, counters } = startSession({ handlers: HEARTBEAT })
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
    receive(`[2,"1","SignCertificate",{"csr":"x","k":${deep}}]`)
    expect(takeSent()).toEqual([[4, '1', 'FormationViolation', expect.any(String), {}]])
    expect(counters).toMatchObject({ handlerFaults: 0, brokenFrames: 1 })
  })

  test.each([5, 6, 7, 0, -1, 2.5])('message type %d is ignored', (type) => {
    for (const protocol of ['ocpp1.6', 'ocpp2.0.1'] as const) {
      const { receive, takeSent, counters } = startSession({ protocol, handlers: HEARTBEAT })
      receive([type, 'a', 'Heartbeat', {}])
      expect(takeSent()).toEqual([])
      expect(counters.unknownTypes).toBe(1)
    }
  })

  test.each<[string, string, unknown]>([
    ['a byte order mark', '\uFEFF[2,"a","Heartbeat",{}]', 'a'],
    ['a NUL at the end', '[2,"a","Heartbeat",{}]\0', 'a'],
    ['an id of 40 characters', `[2,"${'x'.repeat(40)}","Heartbeat",{}]`, 'x'.repeat(40)],
    ['a number for an id', '[2,17,"Heartbeat",{}]', 17],
  ])('%s is forgiven', (_, text, id) => {
    const { receive, takeSent, counters } = startSession({ handlers: HEARTBEAT })
    receive(text)
    expect(takeSent()).toEqual([[3, id, { currentTime: NOW }]])
    expect(counters.sloppyFrames).toBe(1)
  })

  test('an id is echoed whatever characters it has', () => {
    const { receive, takeSent } = startSession({ handlers: HEARTBEAT })
    receive([2, 'a"\\\n\u2028é', 'Heartbeat', {}])
    expect(takeSent()[0][1]).toBe('a"\\\n\u2028é')
  })

  test('each frame is seen once by the tap', async () => {
    const seen: unknown[] = []
    const { receive, session, wire } = startSession({
      handlers: HEARTBEAT,
      onFrame: (...frame) => void seen.push(frame),
    })
    receive('[2,"a","Heartbeat",{}]')
    const result = session.call('ClearCache', {})
    receive('[3,"m1",{"status":"Accepted"}]')
    receive('[4,"m0","GenericError","late",{}]')
    await result
    expect(seen).toEqual([
      ['CP1', 'in', 'call', 'Heartbeat', 'a', '[2,"a","Heartbeat",{}]'],
      ['CP1', 'out', 'result', 'Heartbeat', 'a', wire.sent[0]],
      ['CP1', 'out', 'call', 'ClearCache', 'm1', '[2,"m1","ClearCache",{}]'],
      ['CP1', 'in', 'result', 'ClearCache', 'm1', '[3,"m1",{"status":"Accepted"}]'],
      ['CP1', 'in', 'error', '', 'm0', '[4,"m0","GenericError","late",{}]'],
    ])
  })
})

describe('repeated CALLs', () => {
  const counting = () => {
    let runs = 0
    return {
      handlers: {
        Heartbeat: () => ({ currentTime: NOW, n: ++runs }),
        BootNotification: () => ({ currentTime: NOW, interval: ++runs, status: 'Accepted' }),
      },
      runs: () => runs,
    }
  }

  test('the same frame again gets the same answer, the handler runs once', () => {
    const { handlers, runs } = counting()
    const { receive, takeSent, counters } = startSession({ handlers })
    receive([2, 'a', 'BootNotification', BOOT])
    receive([2, 'a', 'BootNotification', BOOT])
    const [first, second] = takeSent()
    expect(second).toEqual(first)
    expect(runs()).toBe(1)
    expect(counters.duplicates).toBe(1)
  })

  test('after a refusal the same CALL gets another try', () => {
    let accepted = false
    const { handlers, runs } = counting()
    const { receive, takeSent } = startSession({ handlers, allowed: () => accepted })
    receive([2, 'a', 'BootNotification', BOOT])
    accepted = true
    receive([2, 'a', 'BootNotification', BOOT])
    expect(takeSent().map(([type]) => type)).toEqual([4, 3])
    expect(runs()).toBe(1)
  })

  test('the same id with another content is another CALL (stations that number all alike)', () => {
    const { handlers, runs } = counting()
    const { receive, takeSent } = startSession({ handlers })
    receive([2, '1', 'BootNotification', BOOT])
    receive([2, '1', 'BootNotification', { ...BOOT, firmwareVersion: '2' }])
    expect(runs()).toBe(2)
    expect(takeSent()).toHaveLength(2)
  })

  test('a heartbeat of a station that numbers all alike is told the time of now', async () => {
    const { handlers, runs } = counting()
    const { receive, passMs } = startSession({ handlers })
    receive([2, '1', 'Heartbeat', {}])
    await passMs(9_000)
    receive([2, '1', 'Heartbeat', {}])
    expect(runs()).toBe(2)
  })

  test('while the first is being handled, one answer serves both', async () => {
    const answer = deferred<object>()
    let runs = 0
    const { receive, takeSent } = startSession({
      handlers: {
        Heartbeat: () => {
          runs++
          return answer.promise
        },
      },
    })
    receive([2, 'a', 'Heartbeat', {}])
    receive([2, 'a', 'Heartbeat', {}])
    answer.resolve({ currentTime: NOW })
    await settle()
    expect(runs).toBe(1)
    expect(takeSent()).toHaveLength(1)
  })

  test('the memory is bounded', () => {
    const { handlers, runs } = counting()
    const { receive } = startSession({ handlers, limits: { rememberedAnswers: 2 } })
    for (const id of ['a', 'b', 'c']) receive([2, id, 'BootNotification', BOOT])
    receive([2, 'b', 'BootNotification', BOOT])
    expect(runs()).toBe(3)
    receive([2, 'a', 'BootNotification', BOOT])
    expect(runs()).toBe(4)
  })
})

describe('our CALLs', () => {
  const accepted = { status: 'Accepted' }

  test('one is on the wire, the rest waits its turn', async () => {
    const { session, receive, takeSent } = startSession()
    const first = session.call('Reset', { type: 'Soft' })
    const second = session.call('ClearCache', {})
    expect(takeSent()).toEqual([[2, 'm1', 'Reset', { type: 'Soft' }]])
    receive([3, 'm1', accepted])
    expect(takeSent()).toEqual([[2, 'm2', 'ClearCache', {}]])
    receive([3, 'm2', { status: 'Rejected' }])
    expect(await first).toEqual({ ok: true, response: accepted })
    expect(await second).toEqual({ ok: true, response: { status: 'Rejected' } })
  })

  test('inbound is never blocked by outbound', () => {
    const { session, receive, takeSent } = startSession({ handlers: HEARTBEAT })
    void session.call('Reset', { type: 'Soft' })
    takeSent()
    receive([2, 'a', 'Heartbeat', {}])
    expect(takeSent()).toEqual([[3, 'a', { currentTime: NOW }]])
  })

  test('a handler may call the station back and wait for it', async () => {
    const { session, receive, takeSent } = startSession({
      handlers: {
        Authorize: async (_, link) => {
          const result = await link.call('ClearCache', {})
          return { idTagInfo: { status: result.ok ? 'Accepted' : 'Invalid' } }
        },
      },
    })
    receive([2, 'a', 'Authorize', { idTag: 'A' }])
    expect(takeSent()).toEqual([[2, 'm1', 'ClearCache', {}]])
    receive([3, 'm1', accepted])
    await settle()
    expect(takeSent()).toEqual([[3, 'a', { idTagInfo: { status: 'Accepted' } }]])
    session.end()
  })

  test.each<[string, string, object, string]>([
    ['unknown action', 'Explode', {}, "ocpp1.6 has no action 'Explode'"],
    ['an action of stations', 'Heartbeat', {}, 'sent by stations'],
    ['a payload against the schema', 'Reset', { type: 'Gentle' }, '/type'],
  ])('%s is invalid and not sent', async (_, action, payload, detail) => {
    const { session, takeSent } = startSession()
    const result = await session.call(action, payload)
    expect(result).toMatchObject({
      ok: false,
      reason: 'invalid',
      detail: expect.stringContaining(detail) as string,
    })
    expect(takeSent()).toEqual([])
  })

  test('what is sent is what was validated, even if the caller changes it while it waits', () => {
    const { session, receive, takeSent } = startSession()
    void session.call('ClearCache', {})
    const payload = { type: 'Soft' }
    void session.call('Reset', payload)
    payload.type = 'Nonsense'
    receive([3, 'm1', accepted])
    expect(takeSent()[1]).toEqual([2, 'm2', 'Reset', { type: 'Soft' }])
  })

  test('a CALLERROR is told with its code in one spelling', async () => {
    const { session, receive } = startSession()
    const result = session.call('Reset', { type: 'Soft' })
    receive([4, 'm1', 'FormationViolation', 'I cannot read', { at: 1 }])
    expect(await result).toEqual({
      ok: false,
      reason: 'call-error',
      code: 'FormatViolation',
      detail: 'The station answered Reset with FormatViolation: I cannot read',
    })
  })

  test('a sloppy answer is repaired, an unusable one is an error with the answer in it', async () => {
    const { session, receive, counters } = startSession()
    const first = session.call('Reset', { type: 'Soft' })
    receive([3, 'm1', { status: 'ACCEPTED', more: 1 }])
    expect(await first).toEqual({ ok: true, response: { status: 'Accepted', more: 1 } })
    expect(counters.slips['enum-spelling']).toBe(1)
    const second = session.call('Reset', { type: 'Soft' })
    receive([3, 'm2', { result: 'fine' }])
    expect(await second).toMatchObject({
      ok: false,
      reason: 'call-error',
      code: 'OccurrenceConstraintViolation',
      response: { result: 'fine' },
    })
  })

  test('a time-out is an unknown outcome; the next goes out, the late answer is dropped', async () => {
    const { session, receive, takeSent, passMs, counters } = startSession({
      limits: { callTimeoutMs: 5000 },
    })
    const first = session.call('Reset', { type: 'Soft' })
    const second = session.call('ClearCache', {})
    await passMs(5000)
    expect(await first).toMatchObject({
      ok: false,
      reason: 'timeout',
      detail: expect.stringContaining('unknown') as string,
    })
    expect(takeSent().map(([, id]) => id)).toEqual(['m1', 'm2'])
    receive([3, 'm1', accepted])
    receive([4, 'm1', 'GenericError', '', {}])
    expect(counters).toMatchObject({ timeouts: 1, lateAnswers: 2 })
    receive([3, 'm2', accepted])
    expect(await second).toEqual({ ok: true, response: accepted })
    expect(takeSent()).toEqual([])
  })

  test('answers to nothing are dropped', () => {
    const { receive, takeSent, counters } = startSession()
    for (const id of ['m1', 7, null, {}]) receive([3, id, accepted])
    receive([4])
    expect(takeSent()).toEqual([])
    expect(counters.lateAnswers).toBe(5)
  })

  test('the queue is bounded and says so', async () => {
    const { session, counters } = startSession({ limits: { maxWaitingCalls: 2 } })
    const calls = Array.from({ length: 4 }, () => session.call('ClearCache', {}))
    expect(await calls[3]).toMatchObject({ ok: false, reason: 'busy' })
    expect(counters.queueRefusals).toBe(1)
    session.end()
    expect(await Promise.all(calls.slice(0, 3))).toMatchObject([
      { reason: 'timeout' },
      { reason: 'offline' },
      { reason: 'offline' },
    ])
  })

  test('what waited too long is not sent any more', async () => {
    const { session, takeSent, passMs } = startSession({
      limits: { callTimeoutMs: 3000, waitTimeoutMs: 2000 },
    })
    const results = [session.call('Reset', { type: 'Soft' }), session.call('ClearCache', {})]
    await passMs(3000)
    expect(await Promise.all(results)).toMatchObject([{ reason: 'timeout' }, { reason: 'busy' }])
    expect(takeSent()).toHaveLength(1)
    void session.call('ClearCache', {})
    expect(takeSent()).toHaveLength(1)
  })

  test('the end of the connection: unknown for the open one, offline for the rest and later', async () => {
    const { session } = startSession()
    const results = [session.call('Reset', { type: 'Soft' }), session.call('ClearCache', {})]
    session.end()
    results.push(session.call('ClearCache', {}))
    expect(await Promise.all(results)).toMatchObject([
      { ok: false, reason: 'timeout' },
      { ok: false, reason: 'offline' },
      { ok: false, reason: 'offline' },
    ])
  })
})

describe('bounds and the end', () => {
  test('too many open handlers stop the reading until one is done', async () => {
    const answers = [deferred<object>(), deferred<object>()]
    const waiting = answers.map(({ promise }) => promise)
    const { receive, wire } = startSession({
      limits: { maxOpenHandlers: 2 },
      handlers: { Authorize: () => waiting.shift() ?? EMPTY },
    })
    receive([2, 'a', 'Authorize', { idTag: 'A' }])
    expect(wire.paused).toBe(false)
    receive([2, 'b', 'Authorize', { idTag: 'B' }])
    expect(wire.paused).toBe(true)
    answers[0].resolve({ idTagInfo: { status: 'Accepted' } })
    await settle()
    expect(wire.paused).toBe(false)
  })

  test('draining: running answers go out, then the connection closes; nothing new is taken', async () => {
    const answer = deferred<object>()
    const { receive, session, takeSent, wire } = startSession({
      handlers: { Heartbeat: () => answer.promise },
    })
    receive([2, 'a', 'Heartbeat', {}])
    session.drain(1001, 'bye')
    receive([2, 'b', 'Heartbeat', {}])
    expect(wire.closed).toEqual([])
    answer.resolve({ currentTime: NOW })
    await settle()
    expect(takeSent()).toEqual([[3, 'a', { currentTime: NOW }]])
    expect(wire.closed).toEqual([[1001, 'bye']])
  })

  test('draining an idle connection closes it at once', () => {
    const { session, wire } = startSession()
    session.drain(1001, 'bye')
    session.drain(1001, 'bye')
    expect(wire.closed).toEqual([[1001, 'bye']])
  })
})
