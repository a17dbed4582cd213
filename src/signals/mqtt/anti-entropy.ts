import type { EventBook } from '../../control/events/record.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { MessageHandler } from '../broker.ts'
import { MAX_SKEW_MS } from './incoming.ts'
import type { ManifestWatch } from './manifest-watch.ts'
import { checkManifest } from './schemas.ts'
import { toDefaults, type WireContext } from './to-domain.ts'

export type Missing = ReturnType<ManifestWatch['missing']>

export interface AntiEntropy {
  readonly onManifest: MessageHandler
  /** Every few seconds: asks for what is missing, once per manifest. */
  tick(): void
}

export interface AntiEntropyDeps {
  readonly watch: ManifestWatch
  readonly context: WireContext
  readonly book: EventBook | null
  readonly clock: Clock
  readonly log: Log
  readonly ask: (missing: Missing) => void
}

/** A manifest may overtake the event that it lists. */
const ASK_AFTER_MS = 5_000
const FOLLOWED: readonly string[] = ['accepted', 'partial', 'started']

/** Compares what the authority says it has issued with what has reached us. */
export const createAntiEntropy = (deps: AntiEntropyDeps): AntiEntropy => {
  const { watch, context, book, clock, log } = deps
  const unlisted = new Set<string>()
  let askAtMs: number | null = null
  let skewed = false

  const watchClock = (): void => {
    const skewMs = watch.clockSkewMs()
    const now = Math.abs(skewMs) > MAX_SKEW_MS
    if (now && !skewed) log.error({ skewMs }, "the authority's clock and ours are far apart")
    if (!now && skewed) log.info({ skewMs }, "the authority's clock and ours agree again")
    skewed = now
  }

  /** Followed here, but no longer listed: kept, for nothing is cancelled by silence. */
  const tellUnlisted = (): void => {
    const listed = watch.listed()
    if (!book || !listed) return
    for (const { event, state } of book.views()) {
      const { eventId } = event
      if (!FOLLOWED.includes(state) || listed.has(eventId)) unlisted.delete(eventId)
      else if (!unlisted.has(eventId)) {
        unlisted.add(eventId)
        log.warn({ eventId }, 'the manifest lacks an event that is in force; it is kept')
      }
    }
  }

  return {
    onManifest(topic, payload, { retain }) {
      if (payload.length === 0) return
      let document: unknown
      try {
        document = JSON.parse(payload.toString('utf8'))
      } catch (err) {
        log.warn({ topic, err }, 'a manifest is not JSON, ignored')
        return
      }
      const checked = checkManifest(document)
      if (!checked.ok) {
        log.warn({ topic, reason: checked.reason }, 'a manifest does not fit its schema, ignored')
        return
      }
      const { value: manifest } = checked
      const nowMs = clock.now()
      const defaults = manifest.defaults ? toDefaults(manifest.defaults, context) : null
      const { old, gap } = watch.heard(manifest, defaults, !retain, nowMs)
      if (old) return
      if (gap > 0) log.warn({ seq: manifest.seq, lost: gap }, 'manifests were lost')
      watchClock()
      tellUnlisted()
      if (watch.missing().length > 0) askAtMs ??= nowMs + ASK_AFTER_MS
    },
    tick() {
      if (askAtMs === null || clock.now() < askAtMs) return
      askAtMs = null
      const missing = watch.missing()
      if (missing.length === 0) return
      log.warn(
        { missing: missing.length, first: missing[0] },
        'events are missing, asking for them',
      )
      deps.ask(missing)
    },
  }
}
