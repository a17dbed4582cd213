import type { FakeStation } from './fake-station.ts'

export interface OddVehicleOptions {
  /** Smallest offer that it draws from, amperes. */
  readonly minimumA?: number
  readonly maxA?: number
  /** It follows an offer so late, up and down (a cut within 5 s, as the standard asks). */
  readonly reactS?: number
  /** It draws only from then on, seconds after it was plugged in. */
  readonly wakesAfterS?: number
  /** It draws only after the offer has risen from 0 so many times. */
  readonly wakesAtEdge?: number
  /** Ampere hours per conductor until it is full. */
  readonly wantsAh?: number
}

/** A vehicle with habits of its own, in the place of the tame one of a fake station. */
export const plugInOdd = (station: FakeStation, options: OddVehicleOptions = {}) => {
  const { minimumA = 6, maxA = 16, reactS = 5, wakesAfterS = 0, wakesAtEdge = 0 } = options
  let { wantsAh = Infinity } = options
  const offers: number[] = []
  let seconds = 0
  let edges = 0
  let chargedAh = 0
  let firstDrawS: number | null = null
  station.plugIn(maxA)
  station.charge = () => {
    seconds++
    const offered = station.potentialA()
    if ((offers.at(-1) ?? 0) === 0 && offered >= 6) edges++
    offers.push(offered)
    const heard = offers.at(-1 - reactS) ?? 0
    const isAwake = seconds >= wakesAfterS && edges >= wakesAtEdge && chargedAh < wantsAh
    const draws = isAwake && heard >= minimumA ? Math.min(heard, maxA) : 0
    // A cut is followed in time whatever it has heard.
    const cut = offers.at(-6) ?? offered
    station.drawA = Math.min(draws, Math.max(cut, offered) < 6 ? 0 : Math.max(cut, offered))
    chargedAh += station.drawA / 3_600
    if (station.drawA > 0) firstDrawS ??= seconds
  }
  return {
    chargedAh: () => chargedAh,
    firstDrawS: () => firstDrawS,
    /** The driver heats the vehicle, or the like. */
    wantMore: (ampereHours: number) => (wantsAh = chargedAh + ampereHours),
    offers: (): readonly number[] => offers,
  }
}

/** Jain's index: 1 = all alike, 1/n = one has it all. */
export const jain = (shares: readonly number[]): number => {
  const sum = shares.reduce((a, b) => a + b, 0)
  return sum ** 2 / (shares.length * shares.reduce((a, b) => a + b * b, 0))
}
