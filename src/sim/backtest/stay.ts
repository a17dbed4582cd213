/** A recorded session on the grid of steps of a backtest. */
export interface Stay {
  readonly id: string
  /** Index into the network's EVSEs. */
  readonly evse: number
  readonly user: string | null
  /** Plugged in during steps [arrive, depart). */
  readonly arrive: number
  readonly depart: number
  /** What the vehicle takes in all, watt-hours. */
  readonly needWh: number
  /** The most the vehicle draws per conductor, amperes. */
  readonly maxA: number
  /** What its driver said on arrival; `null` = nothing. */
  readonly declared: Declared | null
}

export interface Declared {
  readonly needWh: number | null
  /** Step by which the driver wants to leave; `null` = not said. */
  readonly depart: number | null
}

/** The steps of a backtest. */
export interface Grid {
  readonly startMs: number
  readonly stepS: number
  readonly steps: number
}

/** What is replayed. */
export interface Case {
  readonly grid: Grid
  /** In the order of arrival. */
  readonly stays: readonly Stay[]
}

/** A vehicle that is plugged in, as the replay sees it. */
export interface Car {
  readonly stay: Stay
  readonly deliveredWh: number
  /** What it was offered in the step before, amperes; 0 = paused or new. */
  readonly pilotA: number
  /** Times its pilot went from 0 to above or back, while it wanted energy. */
  readonly changes: number
  /** First step of the present state (on or off). */
  readonly since: number
}

export const remainingWh = ({ stay, deliveredWh }: Car): number =>
  Math.max(0, stay.needWh - deliveredWh)

/** Decides who may draw what. A fresh one for every run: it may remember. */
export interface Algorithm {
  readonly name: string
  /**
   * Pilot per conductor for each car, amperes, for step `t`; `cars` all want energy.
   * `powerW` holds what was drawn in the steps before.
   */
  decide(t: number, cars: readonly Car[], powerW: Float64Array): ArrayLike<number>
}
