/** How careful a plan is where it knows only what is likely: quantiles of the forecasts. */
export interface PlanQuantiles {
  /**
   * Base load that limits are planned with. What it leaves must still be there when the time comes;
   * what it leaves unused, the control loop gives out at that moment. Costs use the median.
   */
  readonly limits: number
  /**
   * Departure by which the likely energy must be in the vehicle. A kWh that is planned for later is
   * lost if the vehicle leaves before; charging it earlier costs a difference in price, a tenth or
   * less of what a missing kWh counts. A plan that is made again every few minutes puts off again
   * and again, so that more is lost than the level says: see docs/reference/forecast.md, which
   * levels cost least on recorded sessions.
   */
  readonly departEarly: number
  /** Departure that the whole plan of a session is made for. */
  readonly depart: number
  /** Energy that is likely: by the early departure. */
  readonly energy: number
  /**
   * Energy that is planned for at all. A vehicle that is full stops by itself, and what it leaves is
   * given to others; one that was planned too little for stays short.
   */
  readonly energyMost: number
}

export const DEFAULT_QUANTILES: PlanQuantiles = {
  limits: 0.9,
  departEarly: 0.05,
  depart: 0.5,
  energy: 0.5,
  energyMost: 0.8,
}
