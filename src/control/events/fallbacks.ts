import type { TimelineEvent } from '../../engine/timeline/played.ts'
import type { Log } from '../../ports/log.ts'
import type { DefaultSignal, SignalSource } from '../../ports/signal-source.ts'
import type { Storage } from '../../ports/storage.ts'
import { rulesOf, type EventRules } from './event-rules.ts'
import { fallbackEvents, initialFallback, nextFallback, type Fallback } from './fallback.ts'

/** The fallback of every authority that sends a heartbeat. */
export interface Fallbacks {
  /** Brings back the defaults that authorities named earlier. */
  load(): Promise<void>
  attach(source: SignalSource, nowMs: number): void
  step(nowMs: number): void
  /** What holds because somebody is silent. */
  events(known: readonly TimelineEvent[], fromMs: number, toMs: number): TimelineEvent[]
  /** `null` for an authority without a heartbeat. */
  of(authority: string): Fallback | null
  /** Rises with every change. */
  version(): number
}

const ROW_ID = '.defaults'

export const createFallbacks = (storage: Storage, rules: EventRules, log: Log): Fallbacks => {
  const fallbacks = new Map<string, { source: SignalSource; now: Fallback }>()
  const remembered = new Map<string, readonly DefaultSignal[]>()
  let version = 0

  const remember = (authority: string, defaults: readonly DefaultSignal[], nowMs: number) => {
    storage
      .commit([
        {
          table: 'event',
          row: {
            authority,
            eventId: ROW_ID,
            modification: 0,
            state: null,
            document: defaults,
            memory: null,
            startMs: null,
            endMs: null,
            updatedAtMs: nowMs,
          },
        },
      ])
      .catch((err: unknown) => log.error({ err, authority }, 'defaults could not be stored'))
  }

  const change = (id: string, before: Fallback, after: Fallback, nowMs: number): void => {
    version += 1
    if (after.defaults !== before.defaults) remember(id, after.defaults, nowMs)
    const fields = { authority: id, defaults: after.defaults.length }
    if (after.lost && !before.lost) log.warn(fields, 'the authority is silent, its defaults hold')
    if (before.active && !after.active) log.info(fields, 'the authority is heard, defaults lifted')
  }

  return {
    async load() {
      const rows = await storage.query('event', { where: { eventId: ROW_ID } })
      for (const { authority, document } of rows) {
        remembered.set(authority, document as readonly DefaultSignal[])
      }
    },
    attach(source, nowMs) {
      if (!source.comms || fallbacks.has(source.id)) return
      const policy = rulesOf(rules, source.id).fallback
      const now = initialFallback(policy, nowMs)
      const defaults = remembered.get(source.id) ?? now.defaults
      fallbacks.set(source.id, { source, now: { ...now, defaults } })
      version += 1
    },
    step(nowMs) {
      for (const [id, entry] of fallbacks) {
        const comms = entry.source.comms?.()
        if (!comms) continue
        const next = nextFallback(entry.now, comms, rulesOf(rules, id).fallback, nowMs)
        if (next === entry.now) continue
        change(id, entry.now, next, nowMs)
        entry.now = next
      }
    },
    events: (known, fromMs, toMs) =>
      [...fallbacks].flatMap(([id, { now }]) =>
        now.active
          ? fallbackEvents(
              id,
              now,
              known.filter(({ event }) => event.authority === id),
              fromMs,
              toMs,
            )
          : [],
      ),
    of: (authority) => fallbacks.get(authority)?.now ?? null,
    version: () => version,
  }
}
