import type { Comms, DefaultSignal } from '../../ports/signal-source.ts'
import type { WireManifest } from './wire.ts'

export interface ManifestWatch {
  /** @param live false = stored by the broker: as old as it says */
  heard(
    manifest: WireManifest,
    defaults: readonly DefaultSignal[] | null,
    live: boolean,
    nowMs: number,
  ): ManifestNews
  comms(nowMs: number): Comms
  /** Events that the manifest lists and that never reached us in that version. */
  missing(): readonly { readonly eventId: string; readonly modification: number }[]
  /** Listed events, for finding what we hold beyond them; `null` before the first manifest. */
  listed(): ReadonlySet<string> | null
  /** Our clock less theirs, by the last live manifest; 0 before one. */
  clockSkewMs(): number
}

export interface ManifestNews {
  /** An older one than we know: ignored. */
  readonly old: boolean
  /** Manifests that were lost on the way. */
  readonly gap: number
}

/** Manifests that may be lost before the authority counts as silent. */
const PERIODS = 3

/**
 * The authority's heartbeat: when it was last heard, whether we hold all that it has issued, and how
 * far its clock is from ours. Nothing here cancels anything. Pure but for what it remembers.
 *
 * @param reached whether a version (or a later one) of an event has reached us, followed or not
 */
export const createManifestWatch = (
  startMs: number,
  agreedPeriodMs: number,
  reached: (eventId: string, modification: number) => boolean,
): ManifestWatch => {
  let last: { manifest: WireManifest; heardMs: number; defaults: Comms['defaults'] } | null = null
  let skewMs = 0

  const missing = () =>
    (last?.manifest.events ?? []).filter(
      ({ eventId, modification, status }) =>
        // A cancel of what we never had has nothing to stop.
        status === 'issued' && !reached(eventId, modification),
    )

  return {
    heard(manifest, defaults, live, nowMs) {
      const sentMs = Date.parse(manifest.at)
      const before = last?.manifest.seq ?? null
      if (!live && before !== null && manifest.seq <= before) return { old: true, gap: 0 }
      if (live) skewMs = nowMs - sentMs
      const heardMs = live ? nowMs : Math.min(nowMs, sentMs + skewMs)
      last = { manifest, heardMs, defaults: sameOr(last?.defaults ?? null, defaults) }
      // A smaller number is a restart of the authority, not a gap.
      const gap = before === null ? 0 : Math.max(0, manifest.seq - before - 1)
      return { old: false, gap }
    },
    comms(nowMs) {
      // The wall clock was set back: silence counts from here, or it would not for as long as that.
      if (last && last.heardMs > nowMs) last = { ...last, heardMs: nowMs }
      const periodMs = (last?.manifest.periodS ?? 0) * 1_000 || agreedPeriodMs
      const heardMs = last?.heardMs ?? startMs
      const defaults = last?.defaults ?? null
      if (nowMs - heardMs > PERIODS * periodMs) {
        return { state: 'lost', sinceMs: heardMs + PERIODS * periodMs, complete: false, defaults }
      }
      if (last === null) return { state: 'waiting', sinceMs: startMs, complete: false, defaults }
      return { state: 'fresh', sinceMs: heardMs, complete: missing().length === 0, defaults }
    },
    missing,
    listed: () => (last ? new Set(last.manifest.events.map(({ eventId }) => eventId)) : null),
    clockSkewMs: () => skewMs,
  }
}

/** What it said before, unless it says something else now: then viewers see no change. */
const sameOr = (before: Comms['defaults'], now: Comms['defaults']): Comms['defaults'] =>
  now === null || JSON.stringify(now) === JSON.stringify(before) ? before : now
