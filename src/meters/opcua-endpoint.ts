import { createPrivateKey, X509Certificate } from 'node:crypto'
import { AppError } from '../errors.ts'
import type { Health } from '../ports/meter-source.ts'
import { createLink, messageOf, type LinkDeps } from '../net/link.ts'
import {
  checkNodeId,
  monitorNodes,
  type NodesListener,
  type NodesRequest,
} from './opcua-monitor.ts'
import { createPool, type Pool } from './pool.ts'
import { openSession, type OpcUaEndpointOptions, type OpcUaSession } from './opcua-session.ts'

export type { OpcUaEndpointOptions, OpcUaIdentity } from './opcua-session.ts'
export type { OpcUaTrust } from './opcua-trust.ts'

/** One session with one server, shared by all meters on it; open while anyone listens. */
export interface OpcUaEndpoint {
  readonly id: string
  /**
   * `ns=2;s=name` or, safe against renumbering, `nsu=http://vendor/ns;s=name`.
   * Returns the end of it, which resolves once a session that nobody needs is closed.
   *
   * @throws AppError `config-invalid` when one is no node id
   */
  listen(request: NodesRequest, listener: NodesListener): () => Promise<void>
  health(): Health
}

interface Subscriber {
  readonly request: NodesRequest
  readonly listener: NodesListener
  /** Ends the monitoring in the present session. */
  release: () => void
}

const check = ({ id, url, identity, trust }: OpcUaEndpointOptions): URL => {
  const where = `opcua/${id}`
  if (!URL.canParse(url) || new URL(url).protocol !== 'opc.tcp:') {
    throw new AppError('config-invalid', `${where}/url must be like opc.tcp://plc.example:4840`)
  }
  for (const thumbprint of trust?.thumbprints ?? []) {
    if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/i.test(thumbprint.replaceAll(/[\s:]/g, ''))) {
      throw new AppError(
        'config-invalid',
        `${where}/trust/thumbprints: "${thumbprint}" must be 64 (SHA-256) or 40 (SHA-1) hex digits`,
      )
    }
  }
  if (identity && 'cert' in identity) {
    try {
      const matches = new X509Certificate(identity.cert).checkPrivateKey(
        createPrivateKey(identity.key),
      )
      if (!matches) throw new Error('the key does not belong to the certificate')
    } catch (cause) {
      throw new AppError(
        'config-invalid',
        `${where}/identity: ${messageOf(cause)}; check its certificate and key files (PEM)`,
        { cause },
      )
    }
  }
  return new URL(url)
}

/**
 * Nothing is opened before the first `listen`.
 *
 * @throws AppError `config-invalid`: URL, thumbprints or identity make no sense
 */
export const createOpcUaEndpoint = (
  options: OpcUaEndpointOptions,
  deps: LinkDeps,
): OpcUaEndpoint => {
  const url = check(options)
  const { clock } = deps
  const log = deps.log.child({ endpointId: options.id })
  const subscribers = new Set<Subscriber>()
  let live: OpcUaSession | null = null
  if (options.securityMode === 'None' && options.identity && 'password' in options.identity) {
    log.warn({}, 'a password is sent to a server that nobody has verified (securityMode None)')
  }

  if (options.trust?.trustUnknown) {
    log.warn({}, 'trustUnknown is on: any server certificate is accepted')
  }

  const monitor = (subscriber: Subscriber, session: OpcUaSession): void => {
    const { request, listener } = subscriber
    subscriber.release = monitorNodes(session, request, listener, { clock, log })
  }

  const link = createLink(
    async (lost, signal) => {
      const session = await openSession(options, lost, signal, { clock, log })
      live = session
      for (const subscriber of subscribers) monitor(subscriber, session)
      return async () => {
        if (live === session) live = null
        for (const subscriber of subscribers) subscriber.release()
        await session.close()
      }
    },
    {
      address: `opc.tcp://${url.host}${url.pathname}`,
      ...(options.minRetryMs === undefined ? {} : { minRetryMs: options.minRetryMs }),
      ...(options.maxRetryMs === undefined ? {} : { maxRetryMs: options.maxRetryMs }),
    },
    { ...deps, log },
  )

  return {
    id: options.id,
    listen(request, listener) {
      for (const nodeId of request.nodeIds) checkNodeId(`opcua/${options.id}`, nodeId)
      const subscriber: Subscriber = { request, listener, release: () => {} }
      subscribers.add(subscriber)
      if (live) monitor(subscriber, live)
      link.open()
      return async () => {
        subscribers.delete(subscriber)
        subscriber.release()
        if (subscribers.size === 0) await link.close()
      }
    },
    health: () => link.health(),
  }
}

export const createOpcUaPool = (
  endpoints: readonly OpcUaEndpointOptions[],
  deps: LinkDeps,
): Pool<OpcUaEndpoint> =>
  createPool(
    'opcua',
    endpoints.map((options) => createOpcUaEndpoint(options, deps)),
  )
