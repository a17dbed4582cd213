/** What was said about the future, beside what happened. */
export interface ForecastRecord {
  /** What kind of thing: `load`, `pv`, `departure`, `energy`, `arrivals`. */
  readonly kind: string
  /** Which one: a node, a load, a session. */
  readonly subject: string
  readonly madeAtMs: number
  /**
   * Seconds ahead; for a session, whose end is not known: seconds since its plug-in when it was
   * made.
   */
  readonly leadS: number
  /** Pairs of level (0..1) and value, levels ascending. */
  readonly quantiles: readonly (readonly [level: number, value: number])[]
  /** What the simple rule said that any forecast must beat; `null` = it had nothing to say. */
  readonly baseline: number | null
  readonly actual: number
}

/** Pinball loss of a quantile: half the absolute error for the median, uneven for others. */
export const pinball = (level: number, forecast: number, actual: number): number =>
  actual >= forecast ? level * (actual - forecast) : (1 - level) * (forecast - actual)

export interface LevelScore {
  readonly level: number
  /** Mean pinball loss. */
  readonly loss: number
  /** That of the baseline, taken as this quantile, on the records that have one. */
  readonly baselineLoss: number | null
  /** Part of the records in which no more than the forecast came; the level, when it is honest. */
  readonly coverage: number
}

export interface Score {
  readonly count: number
  /** Mean absolute error and mean error (forecast less actual) of the median. */
  readonly mae: number
  readonly bias: number
  readonly baselineMae: number | null
  /** 1 - mae / baselineMae on the same records: 0 = no better than the simple rule. */
  readonly skill: number | null
  readonly levels: readonly LevelScore[]
}

export interface ScoreRow extends Score {
  readonly kind: string
  readonly leadS: number
  /** The records of the last `recentMs` alone; `null` when there are none. */
  readonly recent: Score | null
}

export interface ScoreSettings {
  /** Length of the rolling window that ends with the newest record. */
  readonly recentMs: number
}

const WEEK_MS = 7 * 86_400_000

/**
 * Scores per kind and lead, in the order of their names and leads: over all records and over the
 * newest week. O(records x levels). Records with a value that is no number are left out.
 */
export const scoreForecasts = (
  records: readonly ForecastRecord[],
  { recentMs }: ScoreSettings = { recentMs: WEEK_MS },
): ScoreRow[] => {
  const groups = new Map<string, ForecastRecord[]>()
  let newestMs = -Infinity
  for (const record of records) {
    if (!isSound(record)) continue
    const key = `${record.kind} ${record.leadS}`
    const group = groups.get(key)
    if (group) group.push(record)
    else groups.set(key, [record])
    newestMs = Math.max(newestMs, record.madeAtMs)
  }
  return [...groups.values()]
    .map((group): ScoreRow => {
      const recent = group.filter(({ madeAtMs }) => madeAtMs > newestMs - recentMs)
      return {
        kind: group[0].kind,
        leadS: group[0].leadS,
        ...scoreOf(group),
        recent: recent.length > 0 ? scoreOf(recent) : null,
      }
    })
    .sort((a, b) => (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : a.leadS - b.leadS))
}

const isSound = ({ actual, quantiles, baseline }: ForecastRecord): boolean =>
  Number.isFinite(actual) &&
  quantiles.length > 0 &&
  quantiles.every((pair) => pair[0] >= 0 && pair[0] <= 1 && Number.isFinite(pair[1])) &&
  (baseline === null || Number.isFinite(baseline))

/** The value at the level nearest to the median. */
const median = ({ quantiles }: ForecastRecord): number => {
  let best = quantiles[0]
  for (const pair of quantiles) if (Math.abs(pair[0] - 0.5) < Math.abs(best[0] - 0.5)) best = pair
  return best[1]
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

const scoreOf = (group: readonly ForecastRecord[]): Score => {
  const compared = group.filter((record) => record.baseline !== null)
  const hasBaseline = compared.length > 0
  const absolute = (record: ForecastRecord): number => Math.abs(median(record) - record.actual)
  const baselineMae = hasBaseline
    ? mean(compared.map(({ baseline, actual }) => Math.abs(baseline! - actual)))
    : null
  return {
    count: group.length,
    mae: mean(group.map(absolute)),
    bias: mean(group.map((record) => median(record) - record.actual)),
    baselineMae,
    skill:
      baselineMae !== null && baselineMae > 0
        ? 1 - mean(compared.map(absolute)) / baselineMae
        : null,
    levels: levelsOf(group).map((level) => levelScore(level, group)),
  }
}

const levelsOf = (group: readonly ForecastRecord[]): number[] => {
  const levels = new Set<number>()
  for (const { quantiles } of group) for (const pair of quantiles) levels.add(pair[0])
  return [...levels].sort((a, b) => a - b)
}

const levelScore = (level: number, group: readonly ForecastRecord[]): LevelScore => {
  let loss = 0
  let covered = 0
  let count = 0
  let baselineLoss = 0
  let compared = 0
  for (const { quantiles, actual, baseline } of group) {
    const pair = quantiles.find((one) => one[0] === level)
    if (!pair) continue
    count++
    loss += pinball(level, pair[1], actual)
    if (actual <= pair[1]) covered++
    if (baseline === null) continue
    compared++
    baselineLoss += pinball(level, baseline, actual)
  }
  return {
    level,
    loss: loss / count,
    baselineLoss: compared > 0 ? baselineLoss / compared : null,
    coverage: covered / count,
  }
}
