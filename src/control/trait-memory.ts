import type { Storage } from '../ports/storage.ts'

/**
 * What was learned of vehicles and of station models, kept across restarts. A kind names what the
 * document is; a subject, whose trait it is.
 */
export interface TraitMemory {
  load(): Promise<void>
  get(kind: TraitKind, subject: string): unknown
  put(kind: TraitKind, subject: string, document: unknown, nowMs: number): void
}

export type TraitKind = 'vehicle' | 'ends-at-zero'

const keyOf = (kind: TraitKind, subject: string): string => `${kind} ${subject}`

export const createTraitMemory = (storage: Storage): TraitMemory => {
  const known = new Map<string, unknown>()
  return {
    load: async () => {
      for (const { kind, subject, document } of await storage.query('trait')) {
        known.set(`${kind} ${subject}`, document)
      }
    },
    get: (kind, subject) => known.get(keyOf(kind, subject)),
    put: (kind, subject, document, nowMs) => {
      known.set(keyOf(kind, subject), document)
      storage.append({ table: 'trait', row: { kind, subject, document, updatedAtMs: nowMs } })
    },
  }
}
