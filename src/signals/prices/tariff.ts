import type { PriceSeries } from '../../domain/price.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { PriceSource } from '../../ports/signal-source.ts'

export interface TariffPriceOptions {
  readonly id: string
  /** How far ahead prices are given; default 48 h. */
  readonly horizonH?: number
  /** How often the horizon is moved on; default 900 s. */
  readonly rollS?: number
  /** Why the tariff does not hold at an instant; `null` = it does. */
  readonly lapsed?: (atMs: number) => string | null
}

export interface TariffPriceSource extends PriceSource {
  /** Asks the tariff again at once: its market price has changed. */
  refresh(): void
}

const HOUR_MS = 3_600_000

/**
 * Prices of a tariff, given anew as the horizon rolls on. A tariff that fails leaves the last
 * prices standing and is reported; one that does not hold any more is used all the same, for want of
 * a better, and reported.
 *
 * @param pricesOf series for [fromMs, toMs), such as `tariffPrices` of the tariff
 */
export const createTariffPrices = (
  options: TariffPriceOptions,
  pricesOf: (fromMs: number, toMs: number) => readonly PriceSeries[],
  { clock, log }: { clock: Clock; log: Log },
): TariffPriceSource => {
  const horizonMs = (options.horizonH ?? 48) * HOUR_MS
  let accept: ((series: PriceSeries) => void) | null = null
  let cancel = (): void => {}
  let health = { ok: false, sinceMs: clock.now(), detail: 'not started' }

  const tell = (ok: boolean, detail: string): void => {
    health = { ok, sinceMs: ok === health.ok ? health.sinceMs : clock.now(), detail }
  }

  const issue = (): void => {
    if (!accept) return
    const fromMs = Math.floor(clock.now() / HOUR_MS) * HOUR_MS
    try {
      for (const series of pricesOf(fromMs, clock.now() + horizonMs)) {
        accept({ ...series, sourceId: options.id })
      }
      const reason = options.lapsed?.(clock.now()) ?? null
      if (reason !== null && reason !== health.detail) {
        log.warn(
          { sourceId: options.id, reason },
          'the tariff does not hold, it is used all the same',
        )
      }
      const until = `priced until ${new Date(clock.now() + horizonMs).toISOString()}`
      tell(reason === null, reason ?? until)
    } catch (error) {
      log.error({ sourceId: options.id, err: error }, 'the tariff could not be priced')
      tell(false, error instanceof Error ? error.message : String(error))
    }
  }

  return {
    id: options.id,
    start(handler) {
      accept = handler
      issue()
      cancel = clock.every((options.rollS ?? 900) * 1000, issue)
      return Promise.resolve()
    },
    refresh: issue,
    health: () => health,
    stop() {
      accept = null
      cancel()
      return Promise.resolve()
    },
  }
}
