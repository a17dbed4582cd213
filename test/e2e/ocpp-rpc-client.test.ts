import { RPCClient } from 'ocpp-rpc'
import { afterEach, describe, expect, test } from 'vitest'
import { hashPassword } from '../../src/ocpp/password.ts'
import { startServer, station, until } from './ocpp-support.ts'

/** A station that we did not write: the client of the package `ocpp-rpc`, strict both ways. */
const clients: RPCClient[] = []

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close({ force: true })))
})

const createStation = (endpoint: string, protocol: string, options = {}): RPCClient => {
  const settings = {
    endpoint,
    identity: 'CP 1',
    protocols: [protocol],
    strictMode: true,
    reconnect: false,
    ...options,
  }
  const client = new RPCClient(settings as unknown as ConstructorParameters<typeof RPCClient>[0])
  clients.push(client)
  return client
}

const NOW = '2026-11-22T07:00:00.000Z'

const STATIONS = [
  {
    protocol: 'ocpp1.6',
    boot: { chargePointVendor: 'V', chargePointModel: 'M' },
    meter: [
      'MeterValues',
      { connectorId: 1, meterValue: [{ timestamp: NOW, sampledValue: [{ value: '7' }] }] },
    ],
    unsupported: ['SignCertificate', { csr: 'x' }],
    profile: {
      connectorId: 1,
      csChargingProfiles: {
        chargingProfileId: 1,
        stackLevel: 0,
        chargingProfilePurpose: 'TxDefaultProfile',
        chargingProfileKind: 'Absolute',
        chargingSchedule: {
          chargingRateUnit: 'A',
          startSchedule: NOW,
          chargingSchedulePeriod: [{ startPeriod: 0, limit: 16 }],
        },
      },
    },
  },
  {
    protocol: 'ocpp2.0.1',
    boot: { reason: 'PowerUp', chargingStation: { vendorName: 'V', model: 'M' } },
    meter: [
      'TransactionEvent',
      {
        eventType: 'Updated',
        timestamp: NOW,
        triggerReason: 'MeterValuePeriodic',
        seqNo: 1,
        transactionInfo: { transactionId: 'T1' },
        meterValue: [{ timestamp: NOW, sampledValue: [{ value: 7.5 }] }],
      },
    ],
    unsupported: ['SignCertificate', { csr: 'x' }],
    profile: {
      evseId: 1,
      chargingProfile: {
        id: 1,
        stackLevel: 0,
        chargingProfilePurpose: 'TxDefaultProfile',
        chargingProfileKind: 'Absolute',
        chargingSchedule: [
          {
            id: 1,
            chargingRateUnit: 'A',
            startSchedule: NOW,
            chargingSchedulePeriod: [{ startPeriod: 0, limit: 16 }],
          },
        ],
      },
    },
  },
] as const

describe.each(STATIONS)('$protocol', ({ protocol, boot, meter, unsupported, profile }) => {
  test('boots, reports, is commanded, and both ways of refusing', async () => {
    const { url, server } = await startServer()
    const client = createStation(url, protocol)
    await client.connect()
    expect(client.protocol).toBe(protocol)
    expect(await client.call('BootNotification', boot)).toMatchObject({ status: 'Accepted' })
    expect(await client.call('Heartbeat', {})).toHaveProperty('currentTime')
    expect(await client.call(meter[0], meter[1])).toEqual({})
    await expect(client.call(unsupported[0], unsupported[1])).rejects.toMatchObject({
      rpcErrorCode: 'NotSupported',
    })

    const seen: unknown[] = []
    client.handle('SetChargingProfile', ({ params }: { params?: unknown }) => {
      seen.push(params)
      return Promise.resolve({ status: 'Accepted' })
    })
    const result = await server.call('CP 1', 'SetChargingProfile', profile)
    expect(result).toEqual({ ok: true, response: { status: 'Accepted' } })
    expect(seen).toEqual([profile])
    expect(await server.call('CP 1', 'ClearCache', {})).toMatchObject({
      ok: false,
      reason: 'call-error',
      code: 'NotImplemented',
    })
    expect(new Set(Object.values(server.counters.slips))).toEqual(new Set([0]))
  })

  test('many calls at once: one at a time on the wire, all answered in order', async () => {
    const { url, server } = await startServer()
    const client = createStation(url, protocol)
    let open = 0
    let most = 0
    client.handle('ClearCache', async () => {
      most = Math.max(most, ++open)
      await new Promise((resolve) => setTimeout(resolve, 1))
      open--
      return { status: 'Accepted' }
    })
    await client.connect()
    const calls = Array.from({ length: 30 }, () => server.call('CP 1', 'ClearCache', {}))
    expect((await Promise.all(calls)).every(({ ok }) => ok)).toBe(true)
    expect(most).toBe(1)
  })

  test('its password is checked', async () => {
    const passwordHashes = [await hashPassword('correct horse', 4)]
    const lookup = (id: string) => station(id, { securityProfile: 1, passwordHashes })
    const { url, server } = await startServer({ lookup })
    await expect(
      createStation(url, protocol, { password: 'wrong' }).connect(),
    ).rejects.toMatchObject({ code: 401 })
    await createStation(url, protocol, { password: 'correct horse' }).connect()
    expect(server.connectionCount()).toBe(1)
  })

  test('it comes back by itself when its line is cut', async () => {
    const { url, server } = await startServer()
    const client = createStation(url, protocol, {
      reconnect: true,
      backoff: { initialDelay: 10, maxDelay: 50, factor: 2, randomisationFactor: 0 },
    })
    await client.connect()
    server.link('CP 1')?.close(1012, 'try again')
    await until(() => server.counters.connections === 2)
    expect(await client.call('Heartbeat', {})).toHaveProperty('currentTime')
  })
})
