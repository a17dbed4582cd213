/**
 * Steps sorted by price, per class. Prices change little between two calls, so the last order is
 * the start of an insertion sort: close to O(T) per class, O(T^2) at worst.
 */
export interface StepOrder {
  /** Steps of class c from the cheapest: `order[c * steps ..]`; ties keep the earlier step first. */
  readonly order: Int32Array
  /** Sorts by these prices (`classes * steps`). */
  sort(prices: Float64Array): void
}

const insertionSort = (
  order: Int32Array,
  prices: Float64Array,
  at: number,
  steps: number,
): void => {
  for (let j = 1; j < steps; j++) {
    const step = order[at + j]
    const price = prices[at + step]
    let k = j - 1
    while (k >= 0) {
      const other = order[at + k]
      const difference = prices[at + other] - price
      if (difference < 0 || (difference === 0 && other < step)) break
      order[at + k + 1] = other
      k--
    }
    order[at + k + 1] = step
  }
}

/** `first` is the price that most classes nearly see: the order starts from it. */
export const stepOrder = (classes: number, steps: number, first: Float64Array): StepOrder => {
  const common = Int32Array.from({ length: steps }, (_, t) => t)
  common.sort((a, b) => first[a] - first[b] || a - b)
  const order = new Int32Array(classes * steps)
  for (let c = 0; c < classes; c++) order.set(common, c * steps)
  return {
    order,
    sort: (prices) => {
      for (let c = 0; c < classes; c++) insertionSort(order, prices, c * steps, steps)
    },
  }
}
