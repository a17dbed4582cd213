import { remainingWh, type Car } from './stay.ts'

/** What is believed of a car's future. */
export interface Belief {
  /** Energy still wanted, watt-hours. */
  readonly needWh: number
  /** First step without it. */
  readonly depart: number
}

export type Knowledge = (car: Car, t: number) => Belief

/** Energy and departure as they will turn out. */
export const perfectKnowledge: Knowledge = (car) => ({
  needWh: remainingWh(car),
  depart: car.stay.depart,
})
