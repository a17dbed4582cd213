import { importAt, type Connection } from './connection.ts'

const SLACK = 1e-8

/**
 * Factor per step for what draws (`draw`, part of `total`, kWh per step), so that no peak rises
 * above its level (kW): the excess of a window is taken from its steps in proportion to their
 * import. True when some level is exceeded.
 */
export const peakFactors = (
  connection: Connection,
  total: Float64Array,
  draw: Float64Array,
  levelsKw: Float64Array,
  factor: Float64Array,
): boolean => {
  const { steps, peaks } = connection
  let isExceeded = false
  factor.fill(1)
  peaks.forEach(({ window, first, kwPerKWh }, k) => {
    const imported = new Float64Array(first.length)
    for (let t = 0; t < steps; t++) {
      if (window[t] >= 0) imported[window[t]] += importAt(connection, t, total[t])
    }
    for (let t = 0; t < steps; t++) {
      const w = window[t]
      if (w < 0 || draw[t] === 0) continue
      const allowed = levelsKw[k] / kwPerKWh[w]
      if (imported[w] <= allowed * (1 + SLACK) + SLACK) continue
      const tooMuch = importAt(connection, t, total[t]) * (1 - allowed / imported[w])
      if (tooMuch === 0) continue
      isExceeded = true
      factor[t] = Math.min(factor[t], Math.max(0, 1 - tooMuch / draw[t]))
    }
  })
  return isExceeded
}
