import { parentPort } from 'node:worker_threads'
import { describeFault } from './faults.ts'

/** What a worker thread sends: first whether it started, then one answer per request, in order. */
export type Answer<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly message: string }

export interface Service<Request, Value> {
  handle(request: Request): Value
  close(): void
}

/** The request that ends a thread; it gets no answer. */
export const CLOSE = 'close'

/** Runs a service in this worker thread, until `CLOSE`. */
export const serve = <Request, Value>(path: string, start: () => Service<Request, Value>): void => {
  const port = parentPort
  if (port === null) throw new Error('this module runs in a worker thread only')

  const answer = <T>(work: () => T): T | undefined => {
    try {
      const value = work()
      port.postMessage({ ok: true, value } satisfies Answer<T>)
      return value
    } catch (error) {
      port.postMessage({ ok: false, message: describeFault(path, error) } satisfies Answer<T>)
      return undefined
    }
  }

  let service: Service<Request, Value> | null = null
  answer(() => {
    service = start()
    return null
  })
  if (service === null) return
  const started: Service<Request, Value> = service
  port.on('message', (request: Request | typeof CLOSE) => {
    if (request !== CLOSE) {
      answer(() => started.handle(request))
      return
    }
    started.close()
    port.close()
  })
}
