import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { AppError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'

export interface ListenOptions {
  readonly host?: string
  /** 0 = any free port. */
  readonly port: number
  readonly tls?: { readonly cert: string; readonly key: string }
}

export interface Listener {
  readonly address: AddressInfo
  /** For a renewed certificate; connections stay. */
  setCertificate(tls: { readonly cert: string; readonly key: string }): void
  /** Takes no more requests, lets running ones finish for a moment, then cuts. */
  stop(): Promise<void>
}

/** Bounds of the HTTP edge. A command to a station may take a minute and a half to be answered. */
const LIMITS = {
  headersTimeout: 15_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16 * 1024,
} as const
const MAX_SOCKETS = 2_000
const STOP_GRACE_MS = 3_000

/** Rejects with AppError `listen-failed`. */
export const startListener = (
  { host, port, tls }: ListenOptions,
  onRequest: RequestListener,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<Listener> => {
  let isStopping = false
  const answer: RequestListener = (request, response) => {
    response.on('close', () => {
      // A client that would keep its connection for the next request must not hold up the end.
      if (isStopping) setImmediate(() => server.closeIdleConnections())
    })
    onRequest(request, response)
  }
  const server = tls
    ? createTlsServer({ ...LIMITS, ...tls, minVersion: 'TLSv1.2' }, answer)
    : createServer({ ...LIMITS }, answer)
  server.maxConnections = MAX_SOCKETS
  server.on('drop', () => log.warn({ port, maxSockets: MAX_SOCKETS }, 'too many API connections'))

  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      isStopping = true
      const cancel = clock.after(STOP_GRACE_MS, () => server.closeAllConnections())
      server.close(() => {
        cancel()
        resolve()
      })
      server.closeIdleConnections()
    })

  return new Promise((resolve, reject) => {
    const failed = (cause: Error): void =>
      reject(
        new AppError(
          'listen-failed',
          `the API cannot listen on ${host ?? '*'}:${port}: ${cause.message}; choose another api.port`,
          { cause },
        ),
      )
    server.once('error', failed)
    server.listen({ port, host }, () => {
      server.off('error', failed)
      server.on('error', (err) => log.error({ port, err }, 'the API listener failed'))
      resolve({
        address: server.address() as AddressInfo,
        setCertificate: (next) => {
          if ('setSecureContext' in server) server.setSecureContext(next)
        },
        stop,
      })
    })
  })
}
