import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Audit } from '../csms/audit.ts'
import { AppError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Storage, Stored, StoredRecord } from '../ports/storage.ts'

/**
 * `read`: look; `operate`: commands, events, sessions; `admin`: stations and tokens, and with `operate`
 * commands that change firmware, credentials, certificates, network or profiles. None holds another.
 */
export const SCOPES = ['read', 'operate', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

export interface ApiToken {
  readonly id: string
  /** For people and the audit trail. */
  readonly label: string
  readonly scopes: readonly Scope[]
  readonly createdAtMs: number
  /** `null` = never. */
  readonly expiresAtMs: number | null
}

export interface NewApiToken {
  readonly label: string
  readonly scopes: readonly Scope[]
  readonly expiresAtMs?: number | null
}

/** Bearer tokens `bsb_...`: 256 random bits of which only the SHA-256 is kept. */
export interface ApiTokens {
  /** Before anybody asks. */
  load(): Promise<void>
  /**
   * Durable when it resolves; the secret is told this once. Throws `payload-invalid`, `conflict`
   * (too many).
   */
  create(
    given: NewApiToken,
    by: string,
  ): Promise<{ readonly token: ApiToken; readonly secret: string }>
  /** Holds from the call on, durable when it resolves. Throws `not-found`. */
  revoke(id: string, by: string): Promise<void>
  /** Not revoked, oldest first; expired ones included. */
  list(): readonly ApiToken[]
  /** The token of a secret; `null` when it is unknown, revoked or expired. */
  find(secret: string): ApiToken | null
  /** Whether a token that was found before still counts. */
  isValid(id: string): boolean
}

export interface ApiTokensDeps {
  readonly storage: Pick<Storage, 'commit' | 'query'>
  readonly clock: Clock
  readonly audit: Pick<Audit, 'entry'>
}

const MAX_TOKENS = 1_000
const MAX_LABEL = 64
const SECRET = /^bsb_[\w-]{43}$/

interface Held {
  readonly token: ApiToken
  readonly hash: Buffer
  revokedAtMs: number | null
}

const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()

/** Where a token is looked for; the rest of the hash is compared in constant time. */
const slotOf = (hash: Buffer): string => hash.subarray(0, 8).toString('hex')

const rowOf = ({ token, hash, revokedAtMs }: Held): StoredRecord => ({
  table: 'apiToken',
  row: { ...token, hash: hash.toString('hex'), revokedAtMs },
})

const fromRow = (row: Stored<'apiToken'>): Held => ({
  token: {
    id: row.id,
    label: row.label ?? '',
    scopes: SCOPES.filter((scope) => (row.scopes as readonly unknown[] | null)?.includes(scope)),
    createdAtMs: row.createdAtMs ?? 0,
    expiresAtMs: row.expiresAtMs,
  },
  hash: Buffer.from(row.hash ?? '', 'hex'),
  revokedAtMs: row.revokedAtMs,
})

const faultOf = ({ label, scopes, expiresAtMs }: NewApiToken, nowMs: number): string | null => {
  if (label.trim() === '' || label.length > MAX_LABEL) {
    return `label must have 1 to ${MAX_LABEL} characters`
  }
  // It stands in logs and tables.
  if (/\p{Cc}/u.test(label)) return 'label must not have control characters'
  if (scopes.length === 0) return `scopes must name at least one of ${SCOPES.join(', ')}`
  if (expiresAtMs != null && !(expiresAtMs > nowMs)) return 'expiresAt must be in the future'
  return null
}

export const createApiTokens = ({ storage, clock, audit }: ApiTokensDeps): ApiTokens => {
  const bySlot = new Map<string, Held>()
  const byId = new Map<string, Held>()

  const hold = (held: Held): void => {
    bySlot.set(slotOf(held.hash), held)
    byId.set(held.token.id, held)
  }

  const counts = ({ token, revokedAtMs }: Held): boolean =>
    revokedAtMs === null && (token.expiresAtMs === null || token.expiresAtMs > clock.now())

  return {
    load: async () => {
      for (const row of await storage.query('apiToken', { where: { revokedAtMs: null } })) {
        hold(fromRow(row))
      }
    },

    create: async (given, by) => {
      const fault = faultOf(given, clock.now())
      if (fault !== null) throw new AppError('payload-invalid', fault)
      if (byId.size >= MAX_TOKENS) {
        throw new AppError('conflict', `there are ${MAX_TOKENS} tokens already: revoke some`)
      }
      const secret = `bsb_${randomBytes(32).toString('base64url')}`
      const token: ApiToken = {
        id: randomBytes(6).toString('hex'),
        label: given.label,
        scopes: SCOPES.filter((scope) => given.scopes.includes(scope)),
        createdAtMs: clock.now(),
        expiresAtMs: given.expiresAtMs ?? null,
      }
      const held: Held = { token, hash: hashOf(secret), revokedAtMs: null }
      const { label, scopes, expiresAtMs } = token
      const detail = { label, scopes, expiresAtMs }
      await storage.commit([
        rowOf(held),
        audit.entry({ by, action: 'api-token.create', target: token.id, detail }),
      ])
      hold(held)
      return { token, secret }
    },

    revoke: async (id, by) => {
      const held = byId.get(id)
      if (!held) throw new AppError('not-found', `there is no API token "${id}"`)
      // At once; a failed write leaves it listed, so that it can be revoked again.
      held.revokedAtMs ??= clock.now()
      const detail = { label: held.token.label }
      await storage.commit([
        rowOf(held),
        audit.entry({ by, action: 'api-token.revoke', target: id, detail }),
      ])
      byId.delete(id)
      bySlot.delete(slotOf(held.hash))
    },

    list: () => Array.from(byId.values(), ({ token }) => token),

    find: (secret) => {
      if (!SECRET.test(secret)) return null
      const hash = hashOf(secret)
      const held = bySlot.get(slotOf(hash))
      if (!held || !timingSafeEqual(held.hash, hash) || !counts(held)) return null
      return held.token
    },

    isValid: (id) => {
      const held = byId.get(id)
      return held !== undefined && counts(held)
    },
  }
}
