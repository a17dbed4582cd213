import { randomUUID, X509Certificate } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { OPCUACertificateManager } from 'node-opcua-certificate-manager'
import type { OpcUa } from './opcua-load.ts'

type ClientOptions = NonNullable<Parameters<OpcUa['OPCUAClient']['create']>[0]>
type CertificateStore = Exclude<
  NonNullable<ClientOptions['clientCertificateManager']>,
  OPCUACertificateManager
>
type Der = Parameters<CertificateStore['checkCertificate']>[0]

/** Which server certificates are accepted. */
export interface OpcUaTrust {
  /**
   * SHA-256 (or SHA-1) thumbprints in hex; blanks and colons do not matter. When there are any,
   * they alone decide; without them the PKI folder does.
   */
  readonly thumbprints?: readonly string[]
  /** Accepts any certificate: encrypted, but to whom? For commissioning only; false by default. */
  readonly trustUnknown?: boolean
}

export interface OpcUaPki {
  readonly store: CertificateStore
  readonly certificateFile: string
  readonly privateKeyFile: string
  readonly applicationUri: string
  /** Why the server's certificate was refused and how to trust it; `null` when it was not. */
  refusal(): string | null
  /** To be called when the connection, or the attempt, is over. */
  close(): Promise<void>
}

const VALID_DAYS = 3650
const SAN_URI = /URI:([^,]+)/

const plain = (thumbprint: string): string => thumbprint.replaceAll(/[\s:]/g, '').toLowerCase()

const leafOf = (certificate: Der): Buffer =>
  Buffer.from(Array.isArray(certificate) ? certificate[0] : certificate)

/** Our own certificate, made once; its application URI is what servers know us by. */
const ownCertificate = async (
  manager: OPCUACertificateManager,
): Promise<{ certificateFile: string; applicationUri: string }> => {
  const certificateFile = join(manager.rootDir, 'own', 'certs', 'busbar.pem')
  if (!existsSync(certificateFile)) {
    // Several endpoints may get here at once: none may see half a file.
    const draft = `${certificateFile}.${randomUUID()}`
    await manager.createSelfSignedCertificate({
      applicationUri: `urn:${hostname()}:busbar`,
      dns: [hostname()],
      outputFile: draft,
      subject: `/CN=Busbar@${hostname()}/O=Busbar`,
      startDate: new Date(),
      validity: VALID_DAYS,
    })
    renameSync(draft, certificateFile)
  }
  // Read back: it may come from the plant's authority, or from before the host was renamed.
  const { subjectAltName = '' } = new X509Certificate(readFileSync(certificateFile))
  const applicationUri = SAN_URI.exec(subjectAltName)?.[1] ?? `urn:${hostname()}:busbar`
  return { certificateFile, applicationUri }
}

/** What to do about each status; the folders are what people look for. */
const remedy = (
  x509: X509Certificate,
  status: string,
  { rejectedFolder, trustedFolder, issuersCertFolder, issuersCrlFolder }: OPCUACertificateManager,
): string => {
  switch (status) {
    case 'BadCertificateTimeInvalid':
      return `It is valid from ${x509.validFrom} to ${x509.validTo}; renew it on the server`
    case 'BadCertificateRevoked':
      return 'Its authority has revoked it; the server needs a new one'
    case 'BadCertificateUntrusted': {
      const copy = readdirSync(rejectedFolder).find((name) =>
        name.toLowerCase().includes(plain(x509.fingerprint)),
      )
      return (
        `If it is the right one, move ${join(rejectedFolder, copy ?? '')} to ${trustedFolder},` +
        ' or name its thumbprint in trust/thumbprints'
      )
    }
    default:
      return (
        `Put the certificate of its authority into ${issuersCertFolder} and the authority's` +
        ` revocation list into ${issuersCrlFolder}, or name its thumbprint in trust/thumbprints`
      )
  }
}

const explain = (
  certificate: Buffer,
  status: string,
  manager: OPCUACertificateManager,
  pinned: boolean,
): string => {
  const x509 = new X509Certificate(certificate)
  const name = `${x509.subject.replaceAll('\n', ', ')}, SHA-256 ${plain(x509.fingerprint256)}`
  const what = pinned
    ? 'It is none of trust/thumbprints; if it is the right one, add it there'
    : remedy(x509, status, manager)
  return `the server's certificate (${name}) is not trusted: ${status}. ${what}`
}

/**
 * Opens the PKI folder (the usual OPC UA layout: `own`, `trusted`, `issuers`, `rejected`) for one
 * connection attempt, so that a certificate that was moved to `trusted/certs` counts at the next.
 * Makes our key and certificate when there are none (RSA 2048: about 0.1 s, once).
 *
 * @throws Error when the folder cannot be written
 */
export const openPki = async (
  opcua: OpcUa,
  folder: string,
  { thumbprints = [], trustUnknown = false }: OpcUaTrust,
): Promise<OpcUaPki> => {
  const { OPCUACertificateManager } = await import('node-opcua-certificate-manager')
  const manager = new OPCUACertificateManager({ rootFolder: folder, disableFileWatchers: true })
  await manager.initialize()
  const { certificateFile, applicationUri } = await ownCertificate(manager)
  const pins = new Set(thumbprints.map(plain))
  let refusal: string | null = null

  const isPinned = (certificate: Buffer): boolean => {
    const { fingerprint, fingerprint256 } = new X509Certificate(certificate)
    return pins.has(plain(fingerprint)) || pins.has(plain(fingerprint256))
  }

  const judge = async (certificate: Der): Promise<string> => {
    const leaf = leafOf(certificate)
    if (pins.size > 0) {
      if (isPinned(leaf)) return 'Good'
      await manager.rejectCertificate(leaf)
      return 'BadCertificateUntrusted'
    }
    if (trustUnknown) return 'Good'
    return (await manager.checkCertificate(certificate)).name
  }

  const store: CertificateStore = {
    referenceCounter: 0,
    initialize: async () => {},
    dispose: async () => {},
    async checkCertificate(certificate) {
      const status = await judge(certificate)
      if (status === 'Good') return opcua.StatusCodes.Good
      refusal = explain(leafOf(certificate), status, manager, pins.size > 0)
      return opcua.StatusCodes.BadCertificateUntrusted
    },
    verifyCertificate: (certificate, options) =>
      manager.verifyCertificate(leafOf(certificate), options),
    trustCertificate: (certificate) => manager.trustCertificate(leafOf(certificate)),
    rejectCertificate: (certificate) => manager.rejectCertificate(leafOf(certificate)),
    getTrustStatus: (certificate) => manager.getTrustStatus(certificate),
    addIssuer: (certificate, ...rest) => manager.addIssuer(certificate, ...rest),
    addRevocationList: (crl, ...rest) => manager.addRevocationList(crl, ...rest),
  }
  return {
    store,
    certificateFile,
    privateKeyFile: manager.privateKey,
    applicationUri,
    refusal: () => refusal,
    close: () => manager.dispose(),
  }
}
