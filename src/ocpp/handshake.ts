import type { IncomingHttpHeaders } from 'node:http'
import type { PeerCertificate } from 'node:tls'
import type { Protocol } from './dialect.ts'

/** Longest identity that is looked up (2.x allows 48 characters, 1.6 does not say). */
const IDENTITY_LENGTH = 255

/**
 * Identities that a URL may mean, the likelier first; empty when it is outside `basePath` or says
 * none. The part behind the base path is decoded once, blank and slash at its ends are cut. Where it
 * has several segments (a version, or the identity twice, as stations append their own), the whole
 * comes first and the last segment second.
 */
export const identitiesOf = (url: string, basePath: string): string[] => {
  // Some stations put the whole URL into the request line.
  const path = url.replace(/^[a-z]+:\/\/[^/?#]*/i, '').split(/[?#]/, 1)[0]
  const base = `/${basePath}/`.replaceAll(/\/+/g, '/')
  const rest = `${path}/`.replace(/^\/*/, '/')
  if (!rest.startsWith(base)) return []
  const raw = rest.slice(base.length).replaceAll(/^\/+|\/+$/g, '')
  const whole = decoded(raw)
  const last = decoded(raw.slice(raw.lastIndexOf('/') + 1))
  return [...new Set([whole, last])].filter(isIdentity)
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
      .trim()
      .replaceAll(/^\/+|\/+$/g, '')
  } catch {
    return text
  }
}

const isIdentity = (text: string): boolean =>
  text.length > 0 && text.length <= IDENTITY_LENGTH && !/\p{Cc}/u.test(text)

/** What the station offers and what is taken. */
export interface Negotiated {
  /** `null`: nothing in common. */
  readonly protocol: Protocol | null
  /** The station's own spelling, to be sent back; `null`: answer without the header. */
  readonly header: string | null
}

/**
 * Our preference decides, not the order of the station. A station that offers nothing gets the
 * default for such stations, if there is one, and no header back (RFC 6455 4.2.2).
 */
export const negotiate = (
  offered: string | undefined,
  preferred: readonly Protocol[],
  ifNoneOffered: Protocol | null,
): Negotiated => {
  const names = (offered ?? '').split(',').map((name) => name.trim())
  if (names.every((name) => name === '')) return { protocol: ifNoneOffered, header: null }
  for (const protocol of preferred) {
    const header = names.find((name) => name.toLowerCase() === protocol)
    if (header !== undefined) return { protocol, header }
  }
  return { protocol: null, header: null }
}

/**
 * The bytes of the password in a Basic credential, or null when there is none or it is for another
 * user. Bytes and not text: OCPP 1.6 stations send binary keys.
 */
export const basicPassword = (
  authorization: string | undefined,
  identities: readonly string[],
): Buffer | null => {
  const match = /^basic\s+([\w+/=-]+)\s*$/i.exec(authorization ?? '')
  if (!match) return null
  const credential = Buffer.from(match[1], 'base64')
  for (const identity of identities) {
    const user = Buffer.from(`${identity}:`)
    if (credential.subarray(0, user.length).equals(user)) return credential.subarray(user.length)
  }
  return null
}

/** The address to hold responsible: the last hop before a proxy of ours, or the peer itself. */
export const remoteAddressOf = (
  headers: IncomingHttpHeaders,
  peer: string | undefined,
  trustForwardedFor: boolean,
): string => {
  const forwarded = trustForwardedFor ? headers['x-forwarded-for'] : undefined
  const hops = (Array.isArray(forwarded) ? forwarded.join(',') : (forwarded ?? '')).split(',')
  return hops.at(-1)?.trim() || (peer ?? '').replace(/^::ffff:/, '') || 'unknown'
}

/** Whether the subject's common name is one of the names (whitepaper A00.FR.406: CN = identity). */
export const isIssuedTo = (
  certificate: Pick<PeerCertificate, 'subject'>,
  names: readonly string[],
): boolean => {
  // An unauthenticated peer has an empty object for a certificate.
  const subject: { CN?: string | string[] } | undefined = certificate.subject
  const commonNames = [subject?.CN ?? []].flat()
  return commonNames.some((name) => names.includes(name))
}
