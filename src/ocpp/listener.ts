import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { AppError } from '../errors.ts'
import type { Log } from '../ports/log.ts'
import type { Door } from './doorkeeper.ts'

export interface TlsOptions {
  /** PEM. An ECDSA and an RSA one serve every station; ECDSA costs a third less per handshake. */
  readonly certificates: readonly { readonly cert: string; readonly key: string }[]
  /** PEM roots of client certificates. Absent: no certificate is asked for. */
  readonly clientCa?: string
  /** Refuse connections without a valid client certificate during the TLS handshake already. */
  readonly requireClientCertificate?: boolean
}

export interface ListenerOptions {
  readonly host?: string
  /** 0 = any free port. */
  readonly port: number
  /** Path before the identity, `/` by default. */
  readonly path?: string
  readonly tls?: TlsOptions
  /** A proxy of ours stands before: it ends TLS, and its X-Forwarded-For is to be believed. */
  readonly proxy?: { readonly endsTls?: boolean; readonly forwardedFor?: boolean }
}

export type OnUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer, door: Door) => void

export interface Listener {
  /** Rejects with AppError `listen-failed`. */
  start(): Promise<void>
  /** Undefined before the start. */
  address(): AddressInfo | undefined
  /** For a renewed certificate; connections stay. */
  setCertificates(certificates: TlsOptions['certificates']): void
  /** Takes no more connections; resolves when the last one is gone. */
  stop(): Promise<void>
  /** Cuts whatever is still connected, in whatever state. */
  cut(): void
}

/** A fleet that comes back at once overflows Node's 511; the kernel's somaxconn bounds this too. */
const BACKLOG = 4096
/** For a request line with headers, and for a TLS handshake. */
const HANDSHAKE_MS = 15_000

export const createListener = (
  options: ListenerOptions,
  maxSockets: number,
  onUpgrade: OnUpgrade,
  log: Log,
): Listener => {
  const { host, port, path = '/', tls, proxy } = options
  const door: Door = {
    path,
    secure: tls !== undefined || proxy?.endsTls === true,
    trustForwardedFor: proxy?.forwardedFor === true,
  }
  const http = {
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
    headersTimeout: HANDSHAKE_MS,
    requestTimeout: HANDSHAKE_MS,
    connectionsCheckingInterval: 5_000,
  }
  const server = tls
    ? createTlsServer({ ...http, ...tlsOptions(tls) }, onlyUpgrades(log))
    : createServer(http, onlyUpgrades(log))
  server.maxConnections = maxSockets
  const sockets = new Set<Socket>()
  function forget(this: Socket): void {
    sockets.delete(this)
  }
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', forget)
  })
  server.on('upgrade', (request, socket, head) => onUpgrade(request, socket, head, door))
  server.on('drop', () => log.warn({ port, maxSockets }, 'A listener has too many connections'))
  server.on('tlsClientError', (err: Error) => log.warn({ port, err }, 'A TLS handshake failed'))

  const address = (): AddressInfo | undefined =>
    (server.address() as AddressInfo | null) ?? undefined
  return {
    start: () =>
      new Promise((resolve, reject) => {
        const failed = (cause: Error): void =>
          reject(
            new AppError(
              'listen-failed',
              `OCPP cannot listen on ${host ?? '*'}:${port}: ${cause.message}`,
              { cause },
            ),
          )
        server.once('error', failed)
        server.listen({ port, host, backlog: BACKLOG }, () => {
          server.off('error', failed)
          server.on('error', (err) => log.error({ port, err }, 'An OCPP listener failed'))
          resolve()
        })
      }),
    address,
    setCertificates: (certificates) => {
      if (!tls || !('setSecureContext' in server)) return
      server.setSecureContext(tlsOptions({ ...tls, certificates }))
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
      }),
    cut: () => {
      for (const socket of sockets) socket.destroy()
    },
  }
}

const tlsOptions = ({ certificates, clientCa, requireClientCertificate }: TlsOptions) => ({
  cert: certificates.map(({ cert }) => cert),
  key: certificates.map(({ key }) => key),
  // OCPP asks for TLS 1.2 at least; Node's cipher list contains the required suites.
  minVersion: 'TLSv1.2' as const,
  handshakeTimeout: HANDSHAKE_MS,
  ...(clientCa !== undefined && {
    ca: clientCa,
    requestCert: true,
    rejectUnauthorized: requireClientCertificate === true,
  }),
})

/** Anything but a WebSocket handshake. Some stations forget half of it; say which. */
const onlyUpgrades =
  (log: Log) =>
  ({ headers, url, socket }: IncomingMessage, response: ServerResponse): void => {
    if (headers.upgrade?.toLowerCase() === 'websocket') {
      const fields = { remoteAddress: socket.remoteAddress, url: url?.slice(0, 200) }
      log.warn(fields, 'A WebSocket handshake lacks the header "Connection: Upgrade"')
    }
    const headersOut = { Connection: 'close', Upgrade: 'websocket', 'Content-Type': 'text/plain' }
    response.writeHead(426, headersOut)
    response.end(
      'This is an OCPP-J endpoint: connect with a WebSocket, the identity in the path.\n',
    )
  }
