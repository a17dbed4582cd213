import type { TariffFile } from './schema.ts'

/**
 * What each tax comes to, in the order of the file. A tax takes its percentage of everything above
 * it (charges and taxes, but no export credits), or of the charges and taxes that `on` names.
 *
 * @param amountOf what a charge of this name comes to
 */
export const taxAmounts = (
  file: TariffFile,
  charges: readonly string[],
  amountOf: (name: string) => number,
  round: (amount: number) => number = (amount) => amount,
): { name: string; base: number; rate: number; amount: number }[] => {
  const taxed = new Map<string, number>()
  return (file.taxes ?? []).map(({ name, percent, on }) => {
    const names = on ?? [...charges, ...taxed.keys()]
    const base = names.reduce((sum, each) => sum + (taxed.get(each) ?? amountOf(each)), 0)
    const rate = percent / 100
    const amount = round(base * rate)
    taxed.set(name, amount)
    return { name, base, rate, amount }
  })
}

/** Names of all charges that taxes fall on unless they say otherwise. */
export const taxableCharges = (file: TariffFile): string[] =>
  [file.energy, file.demand, file.subscriptions, file.fixed].flatMap((group) =>
    (group ?? []).map(({ name }) => name),
  )

/** What one unit of a charge costs with all taxes: 1.25 for 25 % VAT. */
export const taxFactor = (file: TariffFile, charge: string): number =>
  taxAmounts(file, taxableCharges(file), (name) => (name === charge ? 1 : 0)).reduce(
    (sum, { amount }) => sum + amount,
    1,
  )
