import { describe, expect, test } from 'vitest'
import { createVirtualClock } from '../../../src/domain/virtual-clock.ts'
import { createBroker, createBrokerPool, type BrokerOptions } from '../../../src/meters/broker.ts'
import {
  createOpcUaEndpoint,
  type OpcUaEndpointOptions,
} from '../../../src/meters/opcua-endpoint.ts'
import { createOpcUaMeter } from '../../../src/meters/opcua.ts'
import { recordingLog } from '../../fixtures/recording-log.ts'

const recording = recordingLog()
const deps = {
  clock: createVirtualClock(0),
  random: { next: () => 0.5 },
  log: recording.log,
}

describe('brokers', () => {
  test.each<[string, Partial<BrokerOptions>, RegExp]>([
    ['no URL', { url: 'broker' }, /^brokers\/b\/url must be like mqtts:\/\/broker.example:8883/],
    ['another protocol', { url: 'http://broker' }, /^brokers\/b\/url must be like/],
    ['a certificate alone', { cert: 'PEM' }, /^brokers\/b: a client certificate and its key/],
    ['no PEM', { cert: 'x', key: 'y' }, /^brokers\/b: .*; check its certificate and key files/],
  ])('%s is refused', (_name, options, message) => {
    expect(() => createBroker({ id: 'b', url: 'mqtt://broker', ...options }, deps)).toThrow(message)
  })

  test('a password in a wrong URL is not repeated', () => {
    const create = () => createBroker({ id: 'b', url: 'http://user:secret@broker' }, deps)
    expect(create).toThrow(/^(?!.*secret)/)
  })

  test('an unknown broker is refused with those that there are', () => {
    const pool = createBrokerPool([{ id: 'local', url: 'mqtt://localhost' }], deps)
    expect(pool.get('local').health()).toMatchObject({ ok: false, detail: 'not started' })
    expect(() => pool.get('lokal')).toThrow('brokers: there is no "lokal"; it has local')
    expect(() => createBrokerPool([], deps).get('x')).toThrow('it has nothing')
  })
})

describe('OPC UA endpoints', () => {
  const endpointOf = (options: Partial<OpcUaEndpointOptions>) =>
    createOpcUaEndpoint(
      { id: 'plc', url: 'opc.tcp://plc', pkiFolder: '/nowhere', ...options },
      deps,
    )

  test.each<[string, Partial<OpcUaEndpointOptions>, RegExp]>([
    ['another protocol', { url: 'http://plc' }, /^opcua\/plc\/url must be like opc.tcp:/],
    [
      'half a thumbprint',
      { trust: { thumbprints: ['ab:cd'] } },
      /^opcua\/plc\/trust\/thumbprints: "ab:cd" must be 64/,
    ],
    [
      'no PEM',
      { identity: { cert: 'x', key: 'y' } },
      /^opcua\/plc\/identity: .*; check its certificate and key files/,
    ],
  ])('%s is refused', (_name, options, message) => {
    expect(() => endpointOf(options)).toThrow(message)
  })

  test('what is unsafe is said', () => {
    recording.entries.length = 0
    endpointOf({
      securityMode: 'None',
      identity: { username: 'u', password: 'secret' },
      trust: { trustUnknown: true, thumbprints: ['AB:'.repeat(19) + 'AB'] },
    })
    expect(recording.entries.map(({ level }) => level)).toEqual(['warn', 'warn'])
    expect(JSON.stringify(recording.entries)).not.toContain('secret')
  })

  test.each(['Power', 'ns=x;s=Power', 'nsu=;s=Power', 's='])('%s is no node id', (nodeId) => {
    const create = () =>
      createOpcUaMeter({ id: 'm', values: { powerW: { nodeId, unit: 'W' } } }, endpointOf({}), deps)
    expect(create).toThrow(
      `meters/m/values/powerW/nodeId: "${nodeId}" is no OPC UA node id; write it like nsu=http://vendor/ns`,
    )
  })
})
