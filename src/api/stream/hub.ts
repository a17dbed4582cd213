import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { AppError } from '../../errors.ts'
import type { Change } from '../../ports/fabric.ts'
import type { ApiDeps } from '../deps.ts'
import { presentSnapshot } from '../resources/snapshot.ts'
import type { Words } from '../words.ts'
import { createStreamClient, type StreamClient } from './client.ts'
import { createCoalescer } from './coalesce.ts'
import { frame, idFrame } from './frame.ts'
import type { ResetReason } from './messages.ts'
import { createPresenter, type StreamKind } from './present.ts'
import { createRing } from './ring.ts'

export interface StreamRequest {
  /** `null` = all. */
  readonly kinds: ReadonlySet<StreamKind> | null
  /** Where an earlier stream of this client ended. */
  readonly lastEventId: string | null
  /** The stream ends when this token ends. */
  readonly tokenId: string
}

export interface StreamStats {
  readonly open: number
  /** Messages that slow clients missed, since the start. */
  readonly missed: number
}

/** All open streams of changes, and what was said lately. */
export interface StreamHub {
  start(): void
  /** Ends all streams. */
  stop(): void
  /** Throws `too-many-requests` when no stream is free: ask before the head is written. */
  mustHaveRoom(): void
  /** Serves a stream until one side ends it; the head has been written. */
  open(response: ServerResponse, request: StreamRequest): void
  stats(): StreamStats
}

const MAX_STREAMS = 100
const MEMORY = 10_000
const SNAPSHOT_MS = 2_000
const COALESCE_MS = 200
const ALIVE_MS = 15_000
/** A client that lost us comes back after so long. */
const RETRY_MS = 2_000

interface Entry {
  readonly kind: StreamKind
  readonly change: Change
  /** Made when the first client wants it, once for all. */
  text: string | null
}

interface Open {
  readonly client: StreamClient
  readonly request: StreamRequest
}

type HubDeps = Pick<
  ApiDeps,
  'fabric' | 'clock' | 'log' | 'csms' | 'controller' | 'site' | 'meters' | 'tokens' | 'settings'
>

export const createStreamHub = (deps: HubDeps, words: Words): StreamHub => {
  const { clock, controller, log, tokens, settings = {} } = deps
  const { maxStreams = MAX_STREAMS, streamMemory = MEMORY, snapshotMs = SNAPSHOT_MS } = settings
  /** Ids of an earlier run must not be taken for ours. */
  const boot = `${clock.now().toString(36)}${randomBytes(4).toString('hex')}`
  const present = createPresenter(deps, words)
  const ring = createRing<Entry>(streamMemory)
  const streams = new Set<Open>()
  let missed = 0
  let cancels: (() => void)[] = []

  const idOf = (number: number): string => `${boot}-${number}`
  const reset = (reason: ResetReason): string => frame('reset', idOf(ring.last()), { reason })
  const wants = ({ request }: Open, kind: StreamKind): boolean => request.kinds?.has(kind) ?? true

  /** Nothing is shown to a token that was revoked or has expired: its stream ends. */
  const mayWatch = ({ client, request }: Open): boolean => {
    const isValid = tokens.isValid(request.tokenId)
    if (!isValid) client.end()
    return isValid
  }

  const send = (open: Open, number: number, entry: Entry): void => {
    if (!wants(open, entry.kind) || !mayWatch(open)) return
    entry.text ??= render(number, entry)
    if (!open.client.send(entry.text)) missed++
  }

  /** A change that is not what its kind promises must not end the streams. */
  const render = (number: number, { kind, change }: Entry): string => {
    try {
      return frame(kind, idOf(number), present(change))
    } catch (err) {
      log.error({ err, kind, id: change.id }, 'a change could not be shown')
      return ''
    }
  }

  const coalescer = createCoalescer(clock, COALESCE_MS, (change) => {
    const entry: Entry = { kind: change.kind, change, text: null }
    const number = ring.push(entry)
    for (const open of streams) send(open, number, entry)
  })

  const snapshot = (): string =>
    frame('snapshot', null, presentSnapshot(controller.view(), deps, words))

  const sendSnapshots = (): void => {
    const watching = [...streams].filter((open) => wants(open, 'snapshot') && mayWatch(open))
    if (watching.length === 0) return
    const text = snapshot()
    for (const { client } of watching) client.offer(text)
  }

  const keepAlive = (): void => {
    const text = idFrame(idOf(ring.last()))
    for (const open of streams) if (mayWatch(open)) open.client.offer(text)
  }

  /** What the client missed; or that it missed more than is known. */
  const catchUp = (open: Open, lastEventId: string): void => {
    const [, run, text] = /^(\w+)-(\d{1,15})$/.exec(lastEventId) ?? []
    if (run === undefined) return void open.client.send(reset('unknown-id'))
    if (run !== boot) return void open.client.send(reset('restart'))
    const number = Number(text)
    const entries = ring.after(number)
    if (entries === null) {
      return void open.client.send(reset(number > ring.last() ? 'unknown-id' : 'too-old'))
    }
    for (const [at, entry] of entries) send(open, at, entry)
  }

  return {
    start: () => {
      cancels = [
        deps.fabric.subscribe((change) => coalescer.take(change)),
        clock.every(snapshotMs, sendSnapshots),
        clock.every(ALIVE_MS, keepAlive),
      ]
    },

    stop: () => {
      for (const cancel of cancels) cancel()
      cancels = []
      coalescer.stop()
      for (const { client } of streams) client.end()
    },

    mustHaveRoom: () => {
      if (streams.size < maxStreams) return
      throw new AppError('too-many-requests', `${maxStreams} streams are open already`, {
        details: { retryAfterS: 10 },
      })
    },

    open: (response, request) => {
      const client = createStreamClient(response, { clock, afterGap: () => reset('slow') })
      const open: Open = { client, request }
      streams.add(open)
      response.on('close', () => streams.delete(open))
      client.send(`retry: ${RETRY_MS}\n${idFrame(request.lastEventId ?? idOf(ring.last()))}`)
      if (request.lastEventId !== null) catchUp(open, request.lastEventId)
      if (wants(open, 'snapshot')) client.offer(snapshot())
    },

    stats: () => ({ open: streams.size, missed }),
  }
}
