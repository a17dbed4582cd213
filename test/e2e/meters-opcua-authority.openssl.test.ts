import { X509Certificate } from 'node:crypto'
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadOpcUa } from '../../src/meters/opcua-load.ts'
import { openPki } from '../../src/meters/opcua-trust.ts'
import { recordingLog } from '../fixtures/recording-log.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { createOpcUaAuthority } from './meters-certificates.ts'

const folder = temporaryFolder()

test("a certificate of the plant's authority: each step is named until it is trusted", async () => {
  const opcua = await loadOpcUa(recordingLog().log)
  const authority = createOpcUaAuthority(folder, 'plant')
  const der = new X509Certificate(readFileSync(authority.issue('plc'))).raw
  const pkiFolder = join(folder, 'pki')
  const put = (file: string, ...into: string[]): void =>
    copyFileSync(file, join(pkiFolder, ...into, 'plant.pem'))
  const refusal = async (): Promise<string | null> => {
    const pki = await openPki(opcua, pkiFolder, {})
    await pki.store.checkCertificate(der)
    await pki.close()
    return pki.refusal()
  }
  expect(await refusal()).toContain(
    `BadCertificateChainIncomplete. Put the certificate of its authority into ${join(pkiFolder, 'issuers', 'certs')}`,
  )
  put(authority.certificateFile, 'issuers', 'certs')
  expect(await refusal()).toMatch(
    /BadCertificateRevocationUnknown. .*revocation list into .*issuers.crl/,
  )
  put(authority.revocationListFile, 'issuers', 'crl')
  expect(await refusal()).toMatch(/BadCertificateUntrusted. If it is the right one, move/)
  put(authority.certificateFile, 'trusted', 'certs')
  expect(await refusal()).toBeNull()
})
