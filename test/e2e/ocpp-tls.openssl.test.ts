import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import { beforeAll, describe, expect, test } from 'vitest'
import type { TlsOptions } from '../../src/ocpp/listener.ts'
import { digestPassword } from '../../src/ocpp/password.ts'
import type { OcppServerOptions } from '../../src/ocpp/server.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { basic, connect, refusal, startServer, station, until } from './ocpp-support.ts'

const folder = temporaryFolder()
const file = (name: string): string => join(folder, name)
const read = (name: string): string => readFileSync(file(name), 'utf8')
const openssl = (...args: string[]): void => {
  execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
}

const newKey = {
  ec: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  rsa: ['-newkey', 'rsa:2048'],
}

const createCa = (name: string): void =>
  openssl(
    'req',
    '-x509',
    '-nodes',
    ...newKey.ec,
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.crt`,
    '-days',
    '2',
    '-subj',
    `/O=CPO/CN=${name}`,
  )

const createCertificate = (
  name: string,
  subject: string,
  ca: string,
  kind: keyof typeof newKey = 'ec',
): void => {
  openssl(
    'req',
    '-nodes',
    ...newKey[kind],
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.csr`,
    '-subj',
    subject,
  )
  writeFileSync(file(`${name}.ext`), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n')
  openssl(
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    '-CA',
    `${ca}.crt`,
    '-CAkey',
    `${ca}.key`,
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    `${name}.ext`,
    '-out',
    `${name}.crt`,
  )
}

const pair = (name: string) => ({ cert: read(`${name}.crt`), key: read(`${name}.key`) })

beforeAll(() => {
  createCa('root')
  createCa('stranger-root')
  createCertificate('server-ec', '/O=CPO/CN=localhost', 'root')
  createCertificate('server-rsa', '/O=CPO/CN=localhost', 'root', 'rsa')
  createCertificate('renewed', '/O=CPO/CN=renewed', 'root')
  createCertificate('cp1', '/O=CPO/CN=CP1', 'root')
  createCertificate('serial', '/O=CPO/CN=SN-77', 'root')
  createCertificate('forged', '/O=CPO/CN=CP1', 'stranger-root')
})

const startTls = async (options: Partial<OcppServerOptions>, tls: Partial<TlsOptions> = {}) => {
  const certificates = [pair('server-ec'), pair('server-rsa')]
  const listener = {
    host: '127.0.0.1',
    port: 0,
    path: '/ocpp',
    tls: { certificates, clientCa: read('root.crt'), ...tls },
  }
  const started = await startServer({ ...options, listeners: [listener] })
  return { ...started, url: `wss://localhost:${started.port}/ocpp` }
}

const ca = () => ({ ca: read('root.crt') })
const withPassword = {
  lookup: (id: string) =>
    station(id, { securityProfile: 2, passwordHashes: [digestPassword('right')] }),
}
const withCertificate = {
  lookup: (id: string) => station(id, { securityProfile: 3, certificateNames: ['SN-77'] }),
}

describe('security profile 2', () => {
  test('TLS and password', async () => {
    const { url } = await startTls(withPassword)
    const right = { ...ca(), headers: basic('CP1', 'right') }
    const { send, take } = await connect(`${url}/CP1`, 'ocpp1.6', right)
    send([2, 'h', 'Heartbeat', {}])
    expect(await take(1)).toMatchObject([[3, 'h', {}]])
    const wrong = { ...ca(), headers: basic('CP1', 'wrong') }
    expect((await refusal(`${url}/CP1`, 'ocpp1.6', wrong)).status).toBe(401)
  })

  test('a client certificate will do as well', async () => {
    const { url, server } = await startTls(withPassword)
    await connect(`${url}/CP1`, 'ocpp1.6', { ...ca(), ...pair('cp1') })
    expect(server.counters.passwordHashes).toBe(0)
  })

  test.each<[string, ConnectionOptions]>([
    ['ECDHE-ECDSA-AES128-GCM-SHA256', { maxVersion: 'TLSv1.2' }],
    ['ECDHE-RSA-AES128-GCM-SHA256', { maxVersion: 'TLSv1.2' }],
    ['ECDHE-ECDSA-AES256-GCM-SHA384', { maxVersion: 'TLSv1.2' }],
    ['ECDHE-RSA-AES256-GCM-SHA384', { maxVersion: 'TLSv1.2' }],
    ['AES128-GCM-SHA256', { maxVersion: 'TLSv1.2' }],
    ['TLS_AES_128_GCM_SHA256', {}],
  ])('serves %s', async (ciphers, options) => {
    const { port } = await startTls(withPassword)
    const socket = connectTls({ port, host: 'localhost', ciphers, ...ca(), ...options })
    await new Promise((resolve, reject) =>
      socket.on('secureConnect', () => resolve(null)).on('error', reject),
    )
    expect(socket.getCipher().standardName).toBeDefined()
    expect(socket.getCipher().name).toBe(ciphers)
    socket.destroy()
  })

  test('TLS 1.1 is too old', async () => {
    const { port } = await startTls(withPassword)
    const options: ConnectionOptions = {
      minVersion: 'TLSv1.1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    }
    const socket = connectTls({ port, host: 'localhost', ...ca(), ...options })
    const error = await new Promise<Error>((resolve) => socket.on('error', resolve))
    expect(error.message).toMatch(/version/i)
  })

  test('a certificate is renewed without a restart, and lines stay', async () => {
    const { url, server, port } = await startTls(withPassword)
    const options = { ...ca(), headers: basic('CP1', 'right') }
    const { send, take } = await connect(`${url}/CP1`, 'ocpp1.6', options)
    server.setCertificates(0, [pair('renewed')])
    const socket = connectTls({ port, host: 'localhost', ...ca() })
    await new Promise((resolve) => socket.on('secureConnect', () => resolve(null)))
    expect(socket.getPeerCertificate().subject.CN).toBe('renewed')
    socket.destroy()
    send([2, 'h', 'Heartbeat', {}])
    expect(await take(1)).toMatchObject([[3, 'h', {}]])
  })
})

describe('security profile 3', () => {
  test.each(['cp1', 'serial'])('the certificate %s is accepted', async (name) => {
    const { url, server } = await startTls(withCertificate)
    const { send, take } = await connect(`${url}/CP1`, 'ocpp2.0.1', { ...ca(), ...pair(name) })
    send([2, 'h', 'Heartbeat', {}])
    expect(await take(1)).toMatchObject([[3, 'h', {}]])
    expect(server.link('CP1')?.remoteAddress).toBe('127.0.0.1')
  })

  test('a resumed TLS session still knows its certificate', async () => {
    const { url, port, server } = await startTls(withCertificate)
    const options = { ...ca(), ...pair('cp1'), host: 'localhost', port }
    const first = connectTls(options)
    const session = await new Promise<Buffer>((resolve) => first.on('session', resolve))
    first.destroy()
    const resumed: boolean[] = []
    const createConnection = () => {
      const socket = connectTls({ ...options, session })
      socket.on('secureConnect', () => resumed.push(socket.isSessionReused()))
      return socket
    }
    const { send, take } = await connect(`${url}/CP1`, 'ocpp1.6', { createConnection })
    send([2, 'h', 'Heartbeat', {}])
    expect(await take(1)).toMatchObject([[3, 'h', {}]])
    expect(resumed).toEqual([true])
    expect((await refusal(`${url}/CP2`, 'ocpp1.6', { createConnection })).status).toBe(401)
    expect(server.connectionCount()).toBe(1)
  })

  test('no certificate, that of another station, or one of another root: 401', async () => {
    const { url, server } = await startTls(withCertificate)
    const password = { headers: basic('CP1', 'right') }
    expect((await refusal(`${url}/CP1`, 'ocpp1.6', { ...ca(), ...password })).status).toBe(401)
    expect((await refusal(`${url}/CP2`, 'ocpp1.6', { ...ca(), ...pair('cp1') })).status).toBe(401)
    expect((await refusal(`${url}/CP1`, 'ocpp1.6', { ...ca(), ...pair('forged') })).status).toBe(
      401,
    )
    expect(server.counters.wrongCredentials).toBe(3)
    expect(server.connectionCount()).toBe(0)
  })

  test('where a certificate is a must, the TLS handshake fails without one', async () => {
    const { url, server, logged } = await startTls(withCertificate, {
      requireClientCertificate: true,
    })
    await expect(connect(`${url}/CP1`, 'ocpp1.6', ca())).rejects.toThrow(
      /certificate|reset|closed|hang up/i,
    )
    await connect(`${url}/CP1`, 'ocpp1.6', { ...ca(), ...pair('cp1') })
    await until(() => logged.some(({ message }) => message === 'A TLS handshake failed'))
    expect(server.connectionCount()).toBe(1)
  })
})
