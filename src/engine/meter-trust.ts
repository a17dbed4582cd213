/**
 * Whether a node's meter agrees with the devices behind it. A meter is one source among others: its
 * total cannot be less than what the devices below drew at the same instant, less what the sources
 * below can deliver, and it must move when they move. A meter that contradicts them is not believed
 * until it has agreed for a while, longer after each relapse.
 */
export type Contradiction = 'below-devices' | 'frozen' | 'implausible'

export interface MeterTrustRules {
  /** So many contradicting readings make a meter bad. */
  readonly readings: number
  /** A meter is believed again after it agreed for so long, doubled with each relapse. */
  readonly quietMs: number
  readonly longestQuietMs: number
}

export const DEFAULT_TRUST_RULES: MeterTrustRules = {
  readings: 3,
  quietMs: 10_000,
  longestQuietMs: 3_600_000,
}

/** What is wrong, and the figures that show it (amperes or watts of one row). */
export interface Finding {
  readonly cause: Contradiction
  readonly row: number
  readonly metered: number
  readonly devices: number
}

/** One reading beside what is certain of the devices at its instant. */
export interface Comparison {
  readonly rows: readonly (number | null)[]
  /** What the devices drew at least, per row. */
  readonly low: readonly number[]
  /** What sources below may feed in, per row. */
  readonly feedIn: readonly number[]
  /** Beyond this no connection can carry it, per row. */
  readonly implausible: readonly number[]
}

/** Error of both meters together: 2 A (or its watts) and 5 %. */
const tolerance = (row: number, amount: number): number =>
  (row < 3 ? 2 : 1_400) + 0.05 * Math.abs(amount)

export const contradictionOf = (comparison: Comparison): Finding | null => {
  const { rows, low, feedIn, implausible } = comparison
  for (let row = 0; row < rows.length; row++) {
    const metered = rows[row]
    if (metered === null) continue
    const devices = low[row]
    if (Math.abs(metered) > implausible[row]) return { cause: 'implausible', row, metered, devices }
    if (metered - devices < -feedIn[row] - tolerance(row, devices)) {
      return { cause: 'below-devices', row, metered, devices }
    }
  }
  return null
}

export interface MeterTrust {
  /** `null` = believed. */
  finding(): Finding | null
  /**
   * @param found contradictions among the readings of the last half minute
   * @param newest the newest reading
   */
  update(nowMs: number, found: readonly Finding[], newest: readonly (number | null)[]): void
}

export const createMeterTrust = (rules: MeterTrustRules = DEFAULT_TRUST_RULES): MeterTrust => {
  let finding: Finding | null = null
  let relapses = 0
  /** The readings that made it bad: until they change nothing has become better. */
  let atFault: readonly (number | null)[] = []
  let agreesSinceMs: number | null = null

  const differs = (newest: readonly (number | null)[]): boolean =>
    newest.some((value, row) => {
      const before = atFault[row]
      if (value === null || before === null || before === undefined) return value !== before
      return Math.abs(value - before) > 0.02 * Math.max(Math.abs(before), row < 3 ? 5 : 3_000)
    })

  return {
    finding: () => finding,
    update: (nowMs, found, newest) => {
      const isWrong = found.length >= rules.readings
      if (finding === null) {
        if (!isWrong) return
        finding = found[found.length - 1]
        atFault = newest
        agreesSinceMs = null
        return
      }
      if (found.length > 0 || !differs(newest)) {
        if (found.length > 0) finding = found[found.length - 1]
        agreesSinceMs = null
        return
      }
      agreesSinceMs ??= nowMs
      const quietMs = Math.min(rules.longestQuietMs, rules.quietMs * 2 ** relapses)
      if (nowMs - agreesSinceMs < quietMs) return
      finding = null
      relapses++
    },
  }
}
