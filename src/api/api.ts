import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { LightMyRequestResponse } from 'fastify'
import type { ApiDeps } from './deps.ts'
import { startListener, type Listener, type ListenOptions } from './listener.ts'
import { documentOf, type OpenApiDocument } from './openapi.ts'
import { buildServer } from './server.ts'
import { createStreamHub } from './stream/hub.ts'
import { createWords } from './words.ts'

export interface InjectedRequest {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string
  readonly headers?: Record<string, string>
  readonly payload?: string | object
}

export interface HttpApi {
  /** Rejects with AppError `listen-failed`. */
  listen(options: ListenOptions): Promise<AddressInfo>
  /** A renewed certificate for the listener; connections stay. */
  setCertificate(tls: { readonly cert: string; readonly key: string }): void
  /** Ends streams, lets running requests finish for a moment, closes. */
  close(): Promise<void>
  /** A request without a socket, for tests. */
  inject(request: InjectedRequest): Promise<LightMyRequestResponse>
  document(): Promise<OpenApiDocument>
}

/** REST, streams, metrics and the page on one port. Nothing listens before `listen`. */
export const createApi = (deps: ApiDeps): HttpApi => {
  const words = createWords(deps.site)
  const streams = createStreamHub(deps, words)
  const server = buildServer(deps, streams, words)
  let listener: Listener | null = null

  return {
    listen: async (options) => {
      await server.ready()
      const onRequest: RequestListener = (request, response) => server.routing(request, response)
      listener = await startListener(options, onRequest, deps)
      streams.start()
      return listener.address
    },
    setCertificate: (tls) => listener?.setCertificate(tls),
    close: async () => {
      streams.stop()
      await listener?.stop()
      await server.close()
    },
    inject: (request) => server.inject(request),
    document: async () => {
      await server.ready()
      return documentOf(server)
    },
  }
}
