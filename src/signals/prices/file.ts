import { readFile, stat } from 'node:fs/promises'
import type { PriceSeries } from '../../domain/price.ts'
import { AppError } from '../../errors.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { PriceSource } from '../../ports/signal-source.ts'
import { createPriceBook, type PriceBook } from './book.ts'
import { readPriceCsv } from './csv.ts'
import { refuse, type PriceDocument, type PriceKind } from './intervals.ts'
import { readPriceJson } from './json.ts'

export interface PriceFileOptions {
  readonly id: string
  /** `.json`, or CSV by any other name. */
  readonly path: string
  /** What the file holds when it does not say; default import. */
  readonly series?: PriceKind
  /** When the file does not say; ISO 4217. */
  readonly currency: string
  /** When the file does not say; default currency/kWh. */
  readonly unit?: string
  /** IANA zone of times without offset. */
  readonly timeZone: string
  readonly horizonH?: number
  /** How long after the last known price its day is repeated; default 72 h. */
  readonly keepH?: number
  /** How often the file is looked at; default 30 s. */
  readonly pollS?: number
}

const MAX_BYTES = 8 * 1_048_576
const HOUR_MS = 3_600_000
const REISSUE_MS = 900_000

const parse = (text: string, options: PriceFileOptions): PriceDocument => {
  const unit = options.unit ?? (options.series === 'carbon' ? 'g/kWh' : 'currency/kWh')
  return options.path.toLowerCase().endsWith('.json')
    ? readPriceJson(text, unit)
    : readPriceCsv(text, options.timeZone, unit)
}

/**
 * Day-ahead prices from a CSV or JSON file that something else writes. The file is read again when
 * its time or size changes (looked at every `pollS`: this also sees files that are replaced, and
 * files on network drives). A file that cannot be used leaves the last known prices standing, with
 * one log line per change of trouble.
 */
export const createPriceFile = (
  options: PriceFileOptions,
  { clock, log: parentLog }: { clock: Clock; log: Log },
): PriceSource => {
  const log = parentLog.child({ sourceId: options.id, path: options.path })
  const expected = options.series ?? 'import'
  const book: PriceBook = createPriceBook(
    {
      sourceId: options.id,
      kind: expected,
      horizonMs: (options.horizonH ?? 48) * HOUR_MS,
      keepMs: (options.keepH ?? 72) * HOUR_MS,
    },
    clock.now(),
  )
  let accept: ((series: PriceSeries) => void) | null = null
  let cancel = (): void => {}
  let seen = ''
  let trouble: string | null = null
  let issuedMs = -Infinity
  let looking: Promise<void> = Promise.resolve()

  const issue = (): void => {
    const series = book.series(clock.now())
    if (!series) return
    issuedMs = clock.now()
    accept?.(series)
  }

  const read = async (): Promise<boolean> => {
    const { mtimeMs, size } = await stat(options.path)
    const version = `${mtimeMs}/${size}`
    if (version === seen) return false
    if (size > MAX_BYTES) refuse(`is larger than ${MAX_BYTES} bytes`)
    const document = parse(await readFile(options.path, 'utf8'), options)
    if (document.kind !== null && document.kind !== expected) {
      refuse(`holds ${document.kind} prices; set series: ${document.kind}`)
    }
    book.learn(document.segments, document.currency ?? options.currency, clock.now())
    seen = version
    return true
  }

  const look = async (): Promise<void> => {
    try {
      const changed = await read()
      trouble = null
      if (changed) log.info({}, 'read prices')
      if (changed || clock.now() - issuedMs >= REISSUE_MS) issue()
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error)
      if (detail !== trouble) {
        const where = error instanceof AppError ? `${options.path}: ` : ''
        log.warn({ err: error }, `prices cannot be read: ${where}${detail}`)
      }
      trouble = detail
      if (clock.now() - issuedMs >= REISSUE_MS) issue()
    }
  }

  return {
    id: options.id,
    async start(handler) {
      accept = handler
      await look()
      cancel = clock.every((options.pollS ?? 30) * 1000, () => {
        looking = looking.then(look)
      })
    },
    health() {
      const known = book.health(clock.now())
      return trouble === null
        ? known
        : { ...known, ok: false, detail: `${options.path}: ${trouble}; ${known.detail}` }
    },
    async stop() {
      accept = null
      cancel()
      await looking
    },
  }
}
