import type { Connection } from '../connection.ts'

/**
 * Export at the grid connection: u(t) kWh are fed in, at most `exportable(t)`, which makes the
 * import base + W + u. Feeding in instead of importing less costs importPrice - exportPrice, the
 * duals of the peaks add to it and that of "import is not negative" pays for it:
 *
 *     u(t) = exportable * clip( ub(t) + (sig - rho - importPrice + exportPrice) / eps, 0, 1 )
 */
export interface Surplus {
  /** Part of `exportable` per step. */
  readonly part: Float64Array
  readonly centre: Float64Array
  /** `push(t)` = sig - rho. Adds to `kWh` per step; returns the cost with that of moving. */
  respond(push: Float64Array, eps: number, kWh: Float64Array): number
  recentre(): void
  /** The least it can cost at these duals. */
  bound(push: Float64Array): number
}

export const surplusOf = (connection: Connection, exportable: Float64Array): Surplus => {
  const { importPrice, exportPrice, steps } = connection
  const part = new Float64Array(steps)
  const centre = new Float64Array(steps)
  const price = (t: number, push: Float64Array): number => importPrice[t] - exportPrice[t] - push[t]
  return {
    part,
    centre,
    respond: (push, eps, kWh) => {
      let cost = 0
      for (let t = 0; t < steps; t++) {
        kWh[t] = 0
        if (exportable[t] === 0) continue
        const loses = price(t, push)
        const wanted = centre[t] - loses / eps
        part[t] = wanted <= 0 ? 0 : wanted >= 1 ? 1 : wanted
        const move = part[t] - centre[t]
        kWh[t] = exportable[t] * part[t]
        cost += exportable[t] * (loses * part[t] + 0.5 * eps * move * move)
      }
      return cost
    },
    recentre: () => centre.set(part),
    bound: (push) => {
      let bound = 0
      for (let t = 0; t < steps; t++) bound += exportable[t] * Math.min(0, price(t, push))
      return bound
    },
  }
}
