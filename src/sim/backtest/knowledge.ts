import { remainingWh, type Car } from './stay.ts'

/** What is believed of a car's future. */
export interface Belief {
  /** Energy still wanted, watt-hours. */
  readonly needWh: number
  /** First step without it; always after the present one. */
  readonly depart: number
  /** Part of the need that should be there by an earlier step, to be safe; `null` = none. */
  readonly early: { readonly needWh: number; readonly by: number } | null
}

/** Asked with steps that never go back. */
export type Knowledge = (car: Car, t: number) => Belief

/** Energy and departure as they will turn out. */
export const perfectKnowledge: Knowledge = (car) => ({
  needWh: remainingWh(car),
  depart: car.stay.depart,
  early: null,
})

/** What is assumed of drivers who said nothing. */
export interface Assumed {
  readonly needWh: number
  readonly stayS: number
}

export const ASSUMED: Assumed = { needWh: 15_000, stayS: 6 * 3600 }

/** A vehicle that got all it was said to need and still draws gets this much more at a time. */
const EXTRA_WH = 1_000
/** One that should have left stays for so long, as far as anybody knows. */
const OVERTIME_S = 900

/**
 * What drivers said on arrival, true or not; of those who said nothing, what is usual. The vehicle
 * itself shows when it is full, and that it is still there.
 */
export const declaredKnowledge =
  (stepS: number, { needWh, stayS }: Assumed = ASSUMED): Knowledge =>
  ({ stay, deliveredWh }, t) => {
    const saidWh = stay.declared?.needWh ?? needWh
    const said = stay.declared?.depart ?? stay.arrive + Math.ceil(stayS / stepS)
    return {
      needWh: saidWh > deliveredWh ? saidWh - deliveredWh : EXTRA_WH,
      depart: said > t ? said : t + Math.ceil(OVERTIME_S / stepS),
      early: null,
    }
  }
