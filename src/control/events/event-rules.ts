import type { SignalKind } from '../../domain/signal.ts'
import { NO_FALLBACK, type FallbackPolicy } from './fallback.ts'

/** What a site lets one authority do. */
export interface AuthorityRules {
  /** Signals that it may send; `null` = all. */
  readonly kinds: readonly SignalKind[] | null
  readonly fallback: FallbackPolicy
}

export interface EventRules {
  /** By source id; others get `DEFAULT_AUTHORITY`. */
  readonly authorities: Readonly<Record<string, AuthorityRules>>
  /** Random delay of economic events that bring none, at most (UK: 600 s by default, up to 1800 s). */
  readonly randomDelayMs: number
  readonly maxEvents: number
  /** Over all events. */
  readonly maxIntervals: number
  /** How far the timeline looks ahead. */
  readonly horizonMs: number
}

export const DEFAULT_AUTHORITY: AuthorityRules = { kinds: null, fallback: NO_FALLBACK }

export const DEFAULT_EVENT_RULES: EventRules = {
  authorities: {},
  randomDelayMs: 0,
  maxEvents: 10_000,
  maxIntervals: 500_000,
  horizonMs: 36 * 3_600_000,
}

export const rulesOf = (rules: EventRules, authority: string): AuthorityRules =>
  rules.authorities[authority] ?? DEFAULT_AUTHORITY
