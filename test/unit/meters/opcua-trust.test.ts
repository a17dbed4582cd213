import { X509Certificate } from 'node:crypto'
import { copyFileSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { basename, join } from 'node:path'
import { OPCUACertificateManager } from 'node-opcua-certificate-manager'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadOpcUa, type OpcUa } from '../../../src/meters/opcua-load.ts'
import { openPki, type OpcUaPki, type OpcUaTrust } from '../../../src/meters/opcua-trust.ts'
import { recordingLog } from '../../fixtures/recording-log.ts'
import { temporaryFolder } from '../../fixtures/temporary-folder.ts'

const folder = temporaryFolder()
const DAY_MS = 86_400_000

let opcua: OpcUa
let servers: OPCUACertificateManager
let pkis = 0

const newFolder = (): string => join(folder, `pki-${(pkis += 1)}`)

/** A server's certificate file; all have the same key, which makes them quick. */
const certificate = async (name: string, startMs: number, validity: number): Promise<string> => {
  const outputFile = join(folder, `${name}.pem`)
  await servers.createSelfSignedCertificate({
    applicationUri: `urn:${name}`,
    dns: ['localhost'],
    outputFile,
    subject: `/CN=${name}`,
    startDate: new Date(startMs),
    validity,
  })
  return outputFile
}

const derOf = (file: string): Buffer => new X509Certificate(readFileSync(file)).raw

/** Null when the certificate is accepted. */
const refusalOf = async (
  file: string,
  trust: OpcUaTrust,
  pkiFolder = newFolder(),
): Promise<string | null> => {
  const pki: OpcUaPki = await openPki(opcua, pkiFolder, trust)
  const status = await pki.store.checkCertificate(derOf(file))
  await pki.close()
  expect(status.isGood()).toBe(pki.refusal() === null)
  return pki.refusal()
}

let plc: string
let expired: string

beforeAll(async () => {
  opcua = await loadOpcUa(recordingLog().log)
  servers = new OPCUACertificateManager({
    rootFolder: join(folder, 'servers'),
    disableFileWatchers: true,
  })
  await servers.initialize()
  plc = await certificate('plc', Date.now() - DAY_MS, 30)
  expired = await certificate('expired', Date.now() - 60 * DAY_MS, 30)
  return () => servers.dispose()
})

describe('trust in a server', () => {
  test('an unknown certificate is kept aside, and trusted once it is moved', async () => {
    const pkiFolder = newFolder()
    const refusal = await refusalOf(plc, {}, pkiFolder)
    expect(refusal).toMatch(/^the server's certificate \(CN=plc, SHA-256 [0-9a-f]{64}\) is not/)
    const [copy] = readdirSync(join(pkiFolder, 'rejected'))
    expect(refusal).toContain(join(pkiFolder, 'rejected', copy))
    renameSync(join(pkiFolder, 'rejected', copy), join(pkiFolder, 'trusted', 'certs', copy))
    expect(await refusalOf(plc, {}, pkiFolder)).toBeNull()
  })

  test('an expired one does not help, even when it is trusted', async () => {
    const pkiFolder = newFolder()
    await refusalOf(plc, {}, pkiFolder)
    copyFileSync(expired, join(pkiFolder, 'trusted', 'certs', basename(expired)))
    const refusal = await refusalOf(expired, {}, pkiFolder)
    expect(refusal).toMatch(/is not trusted: BadCertificateTimeInvalid. It is valid from .*; renew/)
  })

  test('thumbprints decide alone; blanks, colons and case do not matter', async () => {
    const { fingerprint, fingerprint256 } = new X509Certificate(readFileSync(plc))
    const spaced = fingerprint256.replaceAll(':', ' ').toLowerCase()
    expect(await refusalOf(plc, { thumbprints: [spaced] })).toBeNull()
    expect(await refusalOf(plc, { thumbprints: [fingerprint] })).toBeNull()
    const other = { thumbprints: ['0'.repeat(64)], trustUnknown: true }
    expect(await refusalOf(plc, other)).toMatch(/It is none of trust\/thumbprints/)
  })

  test('trustUnknown takes everything', async () => {
    expect(await refusalOf(plc, { trustUnknown: true })).toBeNull()
  })
})

describe('our own certificate', () => {
  test('is made once, also when several ask at once', async () => {
    const pkiFolder = newFolder()
    const opened = await Promise.all([1, 2, 3].map(() => openPki(opcua, pkiFolder, {})))
    const [{ certificateFile, applicationUri }] = opened
    expect(certificateFile).toBe(join(pkiFolder, 'own', 'certs', 'busbar.pem'))
    expect(applicationUri).toMatch(/^urn:.+:busbar$/)
    expect(readdirSync(join(pkiFolder, 'own', 'certs'))).toEqual(['busbar.pem'])
    const before = readFileSync(certificateFile)
    const again = await openPki(opcua, pkiFolder, {})
    expect(readFileSync(certificateFile)).toEqual(before)
    for (const pki of [...opened, again]) await pki.close()
  })

  test('may come from elsewhere; its own application URI counts', async () => {
    const pkiFolder = newFolder()
    const first = await openPki(opcua, pkiFolder, {})
    await first.close()
    copyFileSync(plc, first.certificateFile)
    const second = await openPki(opcua, pkiFolder, {})
    expect(second.applicationUri).toBe('urn:plc')
    await second.close()
  })
})
