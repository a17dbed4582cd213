import type { ChargingProfile } from '../../src/domain/charging-profile.ts'

/** What one transaction may draw, per conductor. */
export interface TxLimit {
  readonly transactionId: string
  readonly startMs: number
  readonly validToMs: number
  readonly phases: 1 | 3
  limitA(atMs: number): number
}

/** What a station keeps of the profiles that it took; `null` = nothing. */
export interface HeldProfiles {
  failsafeA: number | null
  tx: TxLimit | null
}

/** Takes a profile in the place of the one that it held; limits are in amperes. */
export const install = (
  held: HeldProfiles,
  { purpose, transactionId, validToMs, schedule }: ChargingProfile,
): void => {
  const { startMs, durationS, numberPhases, periods } = schedule
  if (purpose === 'tx-default') {
    held.failsafeA = periods[0].limit
    return
  }
  held.tx = {
    transactionId: transactionId!,
    startMs,
    validToMs: Math.min(validToMs ?? Infinity, startMs + (durationS ?? Infinity) * 1000),
    phases: numberPhases,
    limitA: (atMs) => {
      const s = (atMs - startMs) / 1000
      return periods.findLast((period) => period.startS <= s)!.limit
    },
  }
}

/** The limit of a transaction at an instant; `null`: it has none, or none any more. */
export const txLimit = (
  { tx }: HeldProfiles,
  transactionId: string | null,
  atMs: number,
): TxLimit | null =>
  tx !== null && tx.startMs <= atMs && tx.validToMs > atMs && tx.transactionId === transactionId
    ? tx
    : null
