import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { ClientSession, ClientSubscription, UserIdentityInfo } from 'node-opcua-client'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import { explainFailure } from './opcua-failure.ts'
import { loadOpcUa, type OpcUa } from './opcua-load.ts'
import { openPki, type OpcUaTrust } from './opcua-trust.ts'

export const SECURITY_MODES = ['None', 'Sign', 'SignAndEncrypt'] as const
export const SECURITY_POLICIES = [
  'Basic256Sha256',
  'Aes128_Sha256_RsaOaep',
  'Aes256_Sha256_RsaPss',
] as const

export type OpcUaIdentity =
  | { readonly username: string; readonly password: string }
  /** PEM. */
  | { readonly cert: string | Buffer; readonly key: string | Buffer }

export interface OpcUaEndpointOptions {
  readonly id: string
  /** `opc.tcp://host:4840/path` */
  readonly url: string
  /** `SignAndEncrypt` by default; with `None` nobody is who they say and everybody can listen. */
  readonly securityMode?: (typeof SECURITY_MODES)[number]
  /** `Basic256Sha256` by default; without meaning when the mode is `None`. */
  readonly securityPolicy?: (typeof SECURITY_POLICIES)[number]
  /** Anonymous by default. */
  readonly identity?: OpcUaIdentity
  readonly trust?: OpcUaTrust
  /** Our key and certificate, and those that we trust; made when absent. */
  readonly pkiFolder: string
  /** How often the server samples and sends changes; 1000. */
  readonly publishingIntervalMs?: number
  readonly minRetryMs?: number
  readonly maxRetryMs?: number
}

/** A live session with its one subscription. */
export interface OpcUaSession {
  readonly opcua: OpcUa
  readonly subscription: ClientSubscription
  readonly namespaces: readonly string[]
  close(): Promise<void>
}

/** Far more than the values of a thousand meters. */
const MAX_MESSAGE_BYTES = 4_194_304
const MAX_CHUNKS = 256
const CONNECT_TIMEOUT_MS = 10_000
/** All of it: endpoints, certificates, session, subscription. */
const OPEN_TIMEOUT_MS = 20_000
const TRANSACTION_TIMEOUT_MS = 10_000
/** A polite goodbye may take this long. */
const CLOSE_TIMEOUT_MS = 2_000
const PUBLISHING_INTERVAL_MS = 1_000
/** A connection without a word for so long, and for three keep-alives, is dead. */
const MIN_SILENCE_MS = 10_000
/** After so many intervals without a change the server confirms all values (the least it takes). */
const KEEP_ALIVE_COUNT = 3
const SUBSCRIPTION_LIFETIME_MS = 60_000
const SESSION_TIMEOUT_MS = 60_000

const identityOf = (opcua: OpcUa, identity: OpcUaIdentity | undefined): UserIdentityInfo => {
  const { UserTokenType } = opcua
  if (!identity) return { type: UserTokenType.Anonymous }
  if ('username' in identity) {
    const { username, password } = identity
    return { type: UserTokenType.UserName, userName: username, password }
  }
  return {
    type: UserTokenType.Certificate,
    certificateData: new X509Certificate(identity.cert).raw,
    privateKey: createPrivateKey(identity.key).export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

const subscribe = (session: ClientSession, intervalMs: number): Promise<ClientSubscription> =>
  session.createSubscription2({
    requestedPublishingInterval: intervalMs,
    requestedMaxKeepAliveCount: KEEP_ALIVE_COUNT,
    requestedLifetimeCount: Math.max(20, Math.round(SUBSCRIPTION_LIFETIME_MS / intervalMs)),
    maxNotificationsPerPublish: 0,
    publishingEnabled: true,
    priority: 10,
  })

/**
 * Connects, opens a session and an empty subscription. Lives until `lost` is called (connection
 * broken, session closed, subscription ended or silent) or until it is closed.
 *
 * @throws Error with what is wrong and what to do; nothing is left open
 */
export const openSession = async (
  options: OpcUaEndpointOptions,
  lost: (reason: string) => void,
  signal: AbortSignal,
  { clock, log }: { clock: Clock; log: Log },
): Promise<OpcUaSession> => {
  const opcua = await loadOpcUa(log)
  const pki = await openPki(opcua, options.pkiFolder, options.trust ?? {})
  const mode = options.securityMode ?? 'SignAndEncrypt'
  const policy = options.securityPolicy ?? 'Basic256Sha256'
  const client = opcua.OPCUAClient.create({
    applicationName: 'Busbar',
    applicationUri: pki.applicationUri,
    clientName: 'Busbar',
    clientCertificateManager: pki.store,
    certificateFile: pki.certificateFile,
    privateKeyFile: pki.privateKeyFile,
    securityMode: opcua.MessageSecurityMode[mode],
    securityPolicy: mode === 'None' ? opcua.SecurityPolicy.None : opcua.SecurityPolicy[policy],
    // Servers advertise the names that they know, not always the one by which we reach them.
    endpointMustExist: false,
    // One attempt, and no repair of a broken connection: a fresh one leaves no half-dead sessions.
    connectionStrategy: { maxRetry: 0, initialDelay: 100, maxDelay: 1000 },
    transportTimeout: CONNECT_TIMEOUT_MS,
    transportSettings: { maxMessageSize: MAX_MESSAGE_BYTES, maxChunkCount: MAX_CHUNKS },
    defaultTransactionTimeout: TRANSACTION_TIMEOUT_MS,
    requestedSessionTimeout: SESSION_TIMEOUT_MS,
    keepPendingSessionsOnDisconnect: true,
  })

  let session: ClientSession | null = null
  let cancelWatch = (): void => {}
  /** A goodbye that fails is as good as one that is heard. */
  const within = async (ms: number, work: Promise<unknown>): Promise<void> => {
    const timeUp = Promise.withResolvers<void>()
    const cancel = clock.after(ms, timeUp.resolve)
    await Promise.race([work.catch(() => {}), timeUp.promise])
    cancel()
  }
  const close = async (): Promise<void> => {
    cancelWatch()
    if (session) await within(CLOSE_TIMEOUT_MS, session.close(true))
    session = null
    await within(CLOSE_TIMEOUT_MS, client.disconnect())
    await pki.close()
  }

  const watchSilence = (subscription: ClientSubscription): void => {
    const { publishingInterval, maxKeepAliveCount } = subscription
    const limitMs = Math.max(MIN_SILENCE_MS, 3 * publishingInterval * maxKeepAliveCount)
    const silent = (): void => lost(`the server has been silent for ${limitMs / 1000} s`)
    let cancel = clock.after(limitMs, silent)
    subscription.on('raw_notification', () => {
      cancel()
      cancel = clock.after(limitMs, silent)
    })
    cancelWatch = () => cancel()
  }

  let late = false
  const abort = (): void => void client.disconnect()
  signal.addEventListener('abort', abort, { once: true })
  const cancelDeadline = clock.after(OPEN_TIMEOUT_MS, () => {
    late = true
    abort()
  })
  try {
    signal.throwIfAborted()
    client.on('connection_lost', () => lost('the connection broke'))
    client.on('close', () => lost('the server closed the connection'))
    await client.connect(options.url)
    session = await client.createSession(identityOf(opcua, options.identity))
    session.on('session_closed', (status) => lost(`the session was closed: ${status.name}`))
    const namespaces = await session.readNamespaceArray()
    const subscription = await subscribe(
      session,
      options.publishingIntervalMs ?? PUBLISHING_INTERVAL_MS,
    )
    subscription.on('terminated', () => lost('the subscription ended'))
    subscription.on('status_changed', (status) => lost(`the subscription ended: ${status.name}`))
    subscription.on('internal_error', (error) => lost(`the subscription failed: ${error.message}`))
    watchSilence(subscription)
    return { opcua, subscription, namespaces, close }
  } catch (error) {
    await close()
    const failure = late ? new Error('timed out') : error
    const { certificateFile } = pki
    throw new Error(pki.refusal() ?? explainFailure(failure, { mode, policy, certificateFile }), {
      cause: error,
    })
  } finally {
    cancelDeadline()
    signal.removeEventListener('abort', abort)
  }
}
