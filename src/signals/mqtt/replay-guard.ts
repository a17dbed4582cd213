/** How far the time of a live document may be from ours. */
export const MAX_AGE_MS = 5 * 60_000
const MAX_IDS = 10_000

/**
 * Recognises replays (section 6.4): a live document that is too old or from the future, and an
 * envelope id that was used for another document. Stored (retained) documents may be of any age:
 * versions and tombstones decide about them.
 */
export const createReplayGuard = () => {
  const documents = new Map<string, string>()

  return {
    /** Why the delivery must not be taken; `null` = it may. */
    check(
      envelopeId: string,
      document: string,
      sentAtMs: number,
      live: boolean,
      nowMs: number,
    ): string | null {
      if (live && Math.abs(nowMs - sentAtMs) > MAX_AGE_MS) {
        const sent = new Date(sentAtMs).toISOString()
        const now = new Date(nowMs).toISOString()
        return `sent at ${sent}, but it is ${now} here: a replay, or a clock is wrong`
      }
      const known = documents.get(envelopeId)
      if (known !== undefined && known !== document) {
        return `envelope id ${envelopeId} was used before, for ${known}`
      }
      if (known === undefined) {
        const [oldest] = documents.keys()
        if (documents.size >= MAX_IDS && oldest !== undefined) documents.delete(oldest)
        documents.set(envelopeId, document)
      }
      return null
    },
  }
}

export type ReplayGuard = ReturnType<typeof createReplayGuard>
