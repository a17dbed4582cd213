import { createHmac, randomBytes } from 'node:crypto'
import type { Log } from '../ports/log.ts'
import type { OcppCounters } from './counters.ts'
import type { OcppLimits } from './limits.ts'
import { verifyPassword } from './password.ts'

/** `busy`: too many checks are waiting; the station should come back. */
export type CredentialCheck = 'right' | 'wrong' | 'busy'

export interface Credentials {
  /** True when this password was verified before against one of the hashes. Costs microseconds. */
  remembered(stationId: string, password: Buffer, hashes: readonly string[]): boolean
  /**
   * Verifies against each of the hashes, off the event loop, a few at a time. `wanted` is asked
   * when its turn has come: by then the socket may be gone.
   */
  verify(
    stationId: string,
    password: Buffer,
    hashes: readonly string[],
    wanted: () => boolean,
  ): Promise<CredentialCheck>
}

/** One remembered credential per station; the oldest go first. */
const MAX_REMEMBERED = 50_000

/**
 * A reconnect storm presents the same passwords again: each is hashed slowly once, and recognised
 * by a fast hash under a key of this process afterwards. A changed or withdrawn hash forgets it.
 */
export const createCredentials = (
  limits: OcppLimits,
  counters: OcppCounters,
  log: Log,
): Credentials => {
  const key = randomBytes(32)
  const verified = new Map<string, { readonly digest: string; readonly hash: string }>()
  const waiting: (() => void)[] = []
  let running = 0

  const digestOf = (stationId: string, password: Buffer): string =>
    createHmac('sha256', key).update(stationId).update('\0').update(password).digest('base64')

  const remember = (stationId: string, password: Buffer, hash: string): void => {
    verified.delete(stationId)
    verified.set(stationId, { digest: digestOf(stationId, password), hash })
    if (verified.size <= MAX_REMEMBERED) return
    for (const oldest of verified.keys()) {
      verified.delete(oldest)
      return
    }
  }

  const matching = async (
    stationId: string,
    password: Buffer,
    hashes: readonly string[],
  ): Promise<string | undefined> => {
    for (const hash of hashes) {
      counters.passwordHashes++
      try {
        if (await verifyPassword(password, hash)) return hash
      } catch (err) {
        log.error({ stationId, err }, 'A password could not be checked')
      }
    }
    return undefined
  }

  /** Resolves when a place is free; whoever leaves hands theirs over. */
  const enter = async (): Promise<void> => {
    if (running < limits.maxHashesRunning) running++
    else await new Promise<void>((resolve) => waiting.push(resolve))
  }

  const leave = (): void => {
    const next = waiting.shift()
    if (next) next()
    else running--
  }

  return {
    remembered: (stationId, password, hashes) => {
      const known = verified.get(stationId)
      if (!known || !hashes.includes(known.hash)) return false
      if (known.digest !== digestOf(stationId, password)) return false
      counters.passwordCacheHits++
      return true
    },
    verify: async (stationId, password, hashes, wanted) => {
      if (waiting.length >= limits.maxHashesWaiting) return 'busy'
      await enter()
      try {
        if (!wanted()) return 'busy'
        const hash = await matching(stationId, password, hashes)
        if (hash === undefined) return 'wrong'
        remember(stationId, password, hash)
        return 'right'
      } finally {
        leave()
      }
    },
  }
}
