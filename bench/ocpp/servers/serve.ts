import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { proportionalMb } from '../../support/machine.ts'
import { quantile } from '../../support/quantile.ts'
import { serveParent } from '../child.ts'
import type { Protocol } from '../generator/messages.ts'

/** How a server of the bench is started: one JSON text as its only argument. */
export interface ServerOptions {
  readonly protocol: Protocol
  readonly stations: number
  readonly password: string
  /** Of this server alone; whatever it stores goes here. */
  readonly folder: string
}

/** What every server of the bench must be able to do. */
export interface BenchServer {
  readonly port: number
  /** Path before the identity. */
  readonly path: string
  /** Sends SetChargingProfile to a station; resolves with its answer. */
  limit(identity: string): Promise<unknown>
  /** What it counted and stored, for the checks of a complete server. */
  books(): Promise<Books>
  stop(): Promise<void>
}

export interface Books {
  /** Frames that passed in both directions, and those that were kept. */
  readonly frames: number
  readonly framesKept: number
  /** Meter values that were kept. */
  readonly samplesKept: number
}

export type ServerRequest =
  | { readonly do: 'where' }
  | { readonly do: 'memory' }
  | { readonly do: 'fan-out'; readonly identities: readonly string[] }
  | { readonly do: 'books' }
  /** Longest time for which the event loop was blocked since the last question, ms. */
  | { readonly do: 'block' }
  | { readonly do: 'stop' }

export interface Where {
  readonly port: number
  readonly path: string
}

export interface Memory {
  readonly residentMb: number
  readonly heapMb: number
}

export interface FanOut {
  readonly wallMs: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly failed: number
}

const memory = async (): Promise<Memory> => {
  for (let pass = 0; pass < 3; pass++) {
    globalThis.gc?.()
    await sleep(200)
  }
  return {
    residentMb: proportionalMb(process.pid),
    heapMb: process.memoryUsage().heapUsed / 2 ** 20,
  }
}

const fanOut = async (server: BenchServer, identities: readonly string[]): Promise<FanOut> => {
  const startedMs = performance.now()
  let failed = 0
  const durations = await Promise.all(
    identities.map(async (identity) => {
      const sentMs = performance.now()
      try {
        await server.limit(identity)
      } catch {
        failed++
      }
      return performance.now() - sentMs
    }),
  )
  const wallMs = performance.now() - startedMs
  durations.sort((a, b) => a - b)
  return { wallMs, p50Ms: quantile(durations, 0.5), p99Ms: quantile(durations, 0.99), failed }
}

/** Runs a server as a child of the bench. */
export const serve = (start: (options: ServerOptions) => Promise<BenchServer>): void => {
  const options = JSON.parse(process.argv[2]) as ServerOptions
  const starting = start(options)
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  const handle = async (request: ServerRequest): Promise<unknown> => {
    const server = await starting
    switch (request.do) {
      case 'where':
        return { port: server.port, path: server.path } satisfies Where
      case 'memory':
        return await memory()
      case 'fan-out':
        return await fanOut(server, request.identities)
      case 'books':
        return await server.books()
      case 'block': {
        const longestMs = delay.max / 1e6
        delay.reset()
        return longestMs
      }
      case 'stop':
        return await server.stop()
    }
  }
  serveParent((request) => handle(request as ServerRequest))
}

/** The books of a server that keeps none. */
export const noBooks = (): Promise<Books> =>
  Promise.resolve({ frames: 0, framesKept: 0, samplesKept: 0 })
