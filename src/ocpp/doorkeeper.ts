import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import type { Admission, KnownStation, Lookup, QuarantinedStation, Remote } from './admission.ts'
import { type CredentialCheck, createCredentials } from './credentials.ts'
import { basicPassword, identitiesOf, isIssuedTo, remoteAddressOf } from './handshake.ts'
import { isCostly } from './password.ts'
import type { RpcContext } from './rpc-context.ts'
import { createThrottle } from './throttle.ts'

export interface Welcome {
  readonly ok: true
  readonly station: KnownStation | QuarantinedStation
  readonly remoteAddress: string
}

export interface Refusal {
  readonly ok: false
  readonly status: 401 | 403 | 404 | 429 | 503
  /** For the log. */
  readonly reason: string
  readonly identity: string
  readonly remoteAddress: string
  readonly retryAfterS?: number
}

/** How a listener takes connections. */
export interface Door {
  readonly path: string
  /** TLS ends here or at a trusted proxy before. */
  readonly secure: boolean
  readonly trustForwardedFor: boolean
}

/** Decides over one upgrade request; at once where nothing slow is needed. */
export type Doorkeeper = (
  request: IncomingMessage,
  door: Door,
) => Welcome | Refusal | Promise<Welcome | Refusal>

interface Visitor {
  readonly identities: readonly string[]
  readonly identity: string
  readonly request: IncomingMessage
  readonly remote: Remote
}

/** Who may connect: identity, security profile, certificate, password (see `Admission`). */
export const createDoorkeeper = (
  lookup: Lookup,
  { clock, counters, limits, log }: Pick<RpcContext, 'clock' | 'counters' | 'limits' | 'log'>,
): Doorkeeper => {
  const throttle = createThrottle(clock)
  const credentials = createCredentials(limits, counters, log)

  const refusal = (
    visitor: Visitor,
    status: Refusal['status'],
    reason: string,
    retryAfterS?: number,
  ): Refusal => ({
    ok: false,
    status,
    reason,
    identity: visitor.identity,
    remoteAddress: visitor.remote.address,
    ...(retryAfterS !== undefined && { retryAfterS }),
  })

  const unknown = (visitor: Visitor, reason: string): Refusal => {
    counters.unknownStations++
    return refusal(visitor, 404, reason)
  }

  const wrong = (visitor: Visitor, reason: string): Refusal => {
    counters.wrongCredentials++
    return refusal(visitor, 401, reason)
  }

  const judge = (visitor: Visitor, admission: Admission): ReturnType<Doorkeeper> => {
    if (admission.kind === 'refuse') return unknown(visitor, 'Unknown station')
    const welcome: Welcome = {
      ok: true,
      station: admission,
      remoteAddress: visitor.remote.address,
    }
    if (admission.kind === 'quarantine' || admission.securityProfile === 0) return welcome
    if (admission.securityProfile >= 2 && !visitor.remote.secure) {
      const profile = admission.securityProfile
      return refusal(visitor, 403, `Security profile ${profile} needs TLS, the connection has none`)
    }
    if (hasCertificate(visitor, admission)) return welcome
    if (admission.securityProfile === 3) {
      return wrong(visitor, 'No valid client certificate of this station')
    }
    return judgePassword(visitor, admission, welcome)
  }

  const judgePassword = (
    visitor: Visitor,
    { stationId, passwordHashes }: KnownStation,
    welcome: Welcome,
  ): ReturnType<Doorkeeper> => {
    const { request, identity, identities, remote } = visitor
    const password = basicPassword(request.headers.authorization, [...identities, stationId])
    if (password === null) return wrong(visitor, 'No password for this identity')
    if (credentials.remembered(stationId, password, passwordHashes)) return welcome
    const waitMs = throttle.waitMs(remote.address, identity, passwordHashes.some(isCostly))
    if (waitMs > 0) {
      counters.throttled++
      return refusal(visitor, 429, 'Too many failures before', Math.ceil(waitMs / 1000))
    }
    const wanted = (): boolean => !request.socket.destroyed
    return credentials
      .verify(stationId, password, passwordHashes, wanted)
      .then((check) => outcome(visitor, check, welcome))
  }

  const outcome = (visitor: Visitor, check: CredentialCheck, welcome: Welcome) => {
    switch (check) {
      case 'right':
        throttle.succeeded(visitor.remote.address, visitor.identity)
        return welcome
      case 'wrong':
        throttle.failed(visitor.remote.address, visitor.identity)
        return wrong(visitor, 'Wrong password')
      case 'busy':
        counters.throttled++
        return refusal(visitor, 503, 'Too many password checks are waiting', 5)
    }
  }

  /** The whole path first, then its last segment; the first that is known counts. */
  const identify = async (
    visitor: Visitor,
    pending: Admission | Promise<Admission>,
  ): Promise<Welcome | Refusal> => {
    let admission = await pending
    const others = visitor.identities.filter((identity) => identity !== visitor.identity)
    for (const identity of others) {
      if (admission.kind === 'known') break
      const other = await lookup(identity, visitor.remote)
      if (other.kind !== 'refuse') return judge({ ...visitor, identity }, other)
    }
    return judge(visitor, admission)
  }

  return (request, door) => {
    const { headers, socket, url = '/' } = request
    const address = remoteAddressOf(headers, socket.remoteAddress, door.trustForwardedFor)
    const identities = identitiesOf(url, door.path)
    const remote: Remote = { address, secure: door.secure }
    const visitor: Visitor = { identities, identity: identities[0] ?? '', request, remote }
    if (identities.length === 0)
      return unknown(visitor, `No station identity in ${url.slice(0, 200)}`)
    const admission = lookup(visitor.identity, remote)
    if (admission instanceof Promise || (identities.length > 1 && admission.kind !== 'known')) {
      return identify(visitor, admission)
    }
    return judge(visitor, admission)
  }
}

/** Security profile 3: a chain to one of our roots, issued to this station. */
const hasCertificate = (visitor: Visitor, station: KnownStation): boolean => {
  const { socket } = visitor.request
  if (!(socket instanceof TLSSocket) || !socket.authorized) return false
  const names = [visitor.identity, station.stationId, ...(station.certificateNames ?? [])]
  return isIssuedTo(socket.getPeerCertificate(), names)
}
