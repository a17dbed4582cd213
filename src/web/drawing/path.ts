const round = (value: number): number => Math.round(value * 10) / 10

/** Corners of a staircase: each step runs flat from `xs[k]` to `xs[k + 1]`. */
const corners = (xs: readonly number[], ys: readonly number[]): string[] =>
  ys.flatMap((y, k) => [`${round(xs[k])},${round(y)}`, `${round(xs[k + 1])},${round(y)}`])

/** A filled staircase between two levels. `xs` has one entry more than the levels. */
export const stepArea = (
  xs: readonly number[],
  lower: readonly number[],
  upper: readonly number[],
): string =>
  upper.length === 0
    ? ''
    : `M${[...corners(xs, upper), ...corners(xs, lower).reverse()].join('L')}Z`

/** A staircase line; `null` interrupts it. */
export const stepLine = (xs: readonly number[], ys: readonly (number | null)[]): string => {
  let path = ''
  let isOpen = false
  ys.forEach((y, k) => {
    if (y !== null) {
      path += `${isOpen ? 'L' : 'M'}${corners(xs.slice(k, k + 2), [y]).join('L')}`
    }
    isOpen = y !== null
  })
  return path
}
