import { AppError } from '../errors.ts'
import type { Storage } from '../ports/storage.ts'
import type { Audit } from './audit.ts'
import type { Journal } from './journal.ts'

/** A driver's identification. */
export interface IdToken {
  /** As printed; compared without regard to case (OCPP CiString). */
  readonly idToken: string
  /** OCPP 2.x IdTokenEnumType; `null` = not known (1.6). */
  readonly type: string | null
  readonly state: 'accepted' | 'blocked'
  readonly groupId: string | null
  readonly expiresAtMs: number | null
  readonly note: string | null
}

/** Longest identification (OCPP 2.0.1: 36; 1.6 stations take 20). */
const MAX_LENGTH = 36

export type IdTokens = ReturnType<typeof createIdTokens>

/**
 * The tokens of the configuration, and over them what people entered or removed: only that is stored,
 * so that the configuration can be changed and a removal outlives a restart.
 */
export const createIdTokens = (
  storage: Storage,
  journal: Journal,
  audit: Audit,
  configured: readonly IdToken[],
) => {
  const keyOf = (idToken: string): string => idToken.toUpperCase()
  const tokens = new Map(configured.map((token) => [keyOf(token.idToken), token]))

  return {
    find: (idToken: string): IdToken | undefined => tokens.get(keyOf(idToken)),
    list: (): IdToken[] => [...tokens.values()],

    /** Throws `not-found`. */
    get: (idToken: string): IdToken => {
      const token = tokens.get(keyOf(idToken))
      if (token) return token
      throw new AppError('not-found', `there is no token "${idToken}"`)
    },

    /** Creates or replaces; durable when it resolves. Throws `payload-invalid`. */
    put: async (token: IdToken, by: string): Promise<IdToken> => {
      if (token.idToken.length === 0 || token.idToken.length > MAX_LENGTH) {
        throw new AppError('payload-invalid', `idToken must have 1 to ${MAX_LENGTH} characters`)
      }
      // Under the spelling that is there already: one token, one row.
      const idToken = tokens.get(keyOf(token.idToken))?.idToken ?? token.idToken
      const row = { ...token, idToken }
      tokens.set(keyOf(idToken), row)
      await journal.commit([
        { table: 'idToken', row },
        audit.entry({ by, action: 'token.put', target: idToken, detail: row }),
      ])
      return row
    },

    /** Forgets it: from now on it is an unknown token. Throws `not-found`. */
    remove: async (idToken: string, by: string): Promise<void> => {
      const token = tokens.get(keyOf(idToken))
      if (!token) throw new AppError('not-found', `there is no token "${idToken}"`)
      tokens.delete(keyOf(idToken))
      await journal.commit([
        { table: 'idToken', row: { ...token, state: REMOVED } },
        audit.entry({ by, action: 'token.remove', target: token.idToken }),
      ])
    },

    load: async (): Promise<void> => {
      for (const row of await storage.query('idToken')) {
        if (row.state === REMOVED) {
          tokens.delete(keyOf(row.idToken))
          continue
        }
        tokens.set(keyOf(row.idToken), {
          idToken: row.idToken,
          type: row.type,
          state: row.state === 'blocked' ? 'blocked' : 'accepted',
          groupId: row.groupId,
          expiresAtMs: row.expiresAtMs,
          note: row.note,
        })
      }
    },
  }
}

/** State of a row whose token is gone: rows are replaced, not deleted. */
const REMOVED = 'removed'
