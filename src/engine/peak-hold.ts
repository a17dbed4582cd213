/**
 * The largest of the last few seconds: capacity that a load leaves is given out only once it has
 * stayed free, capacity that it takes is taken at once. Constant amortised cost (monotone queue).
 */
export interface PeakHold {
  /** Returns the largest value pushed in the last `holdMs`. */
  push(value: number, atMs: number, holdMs: number): number
}

export const createPeakHold = (): PeakHold => {
  let values: number[] = []
  let times: number[] = []
  return {
    push: (value, atMs, holdMs) => {
      while (values.length > 0 && values[values.length - 1] <= value) {
        values.pop()
        times.pop()
      }
      values.push(value)
      times.push(atMs)
      let expired = 0
      while (times[expired] < atMs - holdMs) expired++
      if (expired > 0) {
        values = values.slice(expired)
        times = times.slice(expired)
      }
      return values[0]
    },
  }
}
