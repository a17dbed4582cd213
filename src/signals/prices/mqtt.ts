import type { PriceSeries } from '../../domain/price.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { PriceSource } from '../../ports/signal-source.ts'
import type { Broker } from '../broker.ts'
import { createPriceBook } from './book.ts'
import type { PriceKind } from './intervals.ts'
import { readPriceJson, type PriceMessage } from './json.ts'

export interface MqttPriceOptions {
  readonly id: string
  /**
   * Topic or filter. Prices of a utility are at `{prefix}/{operator}/{party}/dn/price/{programId}`,
   * see `priceTopic`. What several programs say about the same time replaces each other: name one.
   */
  readonly topic: string
  /** What a message holds when it does not say; default import. Others are ignored. */
  readonly series?: PriceKind
  /** When a message does not say; ISO 4217. */
  readonly currency: string
  /** When a message of the simple form does not say; default currency/kWh. */
  readonly unit?: string
  readonly horizonH?: number
  /** How long after the last known price its day is repeated; default 72 h. */
  readonly keepH?: number
}

const HOUR_MS = 3_600_000
const ROLL_MS = 900_000
const MAX_EVENTS = 1000

/** Where a utility publishes the prices of a program (grid-signals profile, section 6.2). */
export const priceTopic = (
  prefix: string,
  operator: string,
  party: string,
  programId = '+',
): string => `${prefix}/${operator}/${party}/dn/price/${programId}`

/**
 * Prices from MQTT: grid events of kind `price` or `ghg`, or the simple form (see `readPriceJson`).
 * The broker connection (TLS, credentials, reconnect, payload bound) is `connectBroker`'s; retained
 * prices come again after each reconnect. A message that cannot be used is logged and counted, and
 * the last known prices stand. A cancelled event withdraws nothing: a later one replaces it.
 */
export const createMqttPrices = (
  options: MqttPriceOptions,
  {
    broker,
    clock,
    log: parentLog,
  }: { broker: Pick<Broker, 'subscribe' | 'health'>; clock: Clock; log: Log },
): PriceSource => {
  const log = parentLog.child({ sourceId: options.id })
  const expected = options.series ?? 'import'
  const unit = options.unit ?? (expected === 'carbon' ? 'g/kWh' : 'currency/kWh')
  const book = createPriceBook(
    {
      sourceId: options.id,
      kind: expected,
      horizonMs: (options.horizonH ?? 48) * HOUR_MS,
      keepMs: (options.keepH ?? 72) * HOUR_MS,
    },
    clock.now(),
  )
  /** Highest modification seen per event. */
  const versions = new Map<string, number>()
  let accept: ((series: PriceSeries) => void) | null = null
  let cancel = (): void => {}
  let refused = 0

  const issue = (): void => {
    const series = book.series(clock.now())
    if (series) accept?.(series)
  }

  /** Whether the message is the newest of its event. */
  const isNews = ({ event }: PriceMessage): boolean => {
    if (!event) return true
    if (event.modification < (versions.get(event.eventId) ?? 0)) return false
    versions.delete(event.eventId)
    versions.set(event.eventId, event.modification)
    if (versions.size > MAX_EVENTS) versions.delete([...versions.keys()][0])
    return !event.cancelled
  }

  const receive = (topic: string, payload: Buffer): void => {
    if (!accept || payload.length === 0) return
    try {
      const message = readPriceJson(payload.toString('utf8'), unit)
      // An event of kind price is no carbon curve; a wildcard topic brings both.
      const kind = message.kind ?? (message.event && expected === 'carbon' ? 'import' : expected)
      if (kind !== expected) return
      if (!isNews(message)) return
      book.learn(message.segments, message.currency ?? options.currency, clock.now())
      issue()
    } catch (error) {
      refused += 1
      const detail = error instanceof Error ? error.message : String(error)
      log.warn({ topic, refused, err: error }, `a price message cannot be used: ${detail}`)
    }
  }

  return {
    id: options.id,
    start(handler) {
      accept = handler
      broker.subscribe(options.topic, receive)
      cancel = clock.every(ROLL_MS, issue)
      return Promise.resolve()
    },
    health() {
      const link = broker.health()
      const known = book.health(clock.now())
      const tail = refused > 0 ? `; ${refused} messages refused` : ''
      return link.ok
        ? { ...known, detail: known.detail + tail }
        : { ok: false, sinceMs: link.sinceMs, detail: `${link.detail}; ${known.detail}${tail}` }
    },
    stop() {
      accept = null
      cancel()
      return Promise.resolve()
    },
  }
}
