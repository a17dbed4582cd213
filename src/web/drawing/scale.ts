export interface Scale {
  /** Position of a value. */
  readonly at: (value: number) => number
  readonly ticks: readonly number[]
  readonly min: number
  readonly max: number
}

/** 1, 2, 2.5 or 5 times a power of ten, not below `rough`. */
const niceStep = (rough: number): number => {
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough * (1 - 1e-9)) ?? 10
  return step * power
}

/**
 * A linear scale whose ends are round numbers. `from` and `to` are the positions of its ends.
 * @param count about how many ticks
 */
export const linearScale = (
  low: number,
  high: number,
  from: number,
  to: number,
  count: number,
): Scale => {
  const step = niceStep(Math.max(high - low, 1e-9) / count)
  const first = Math.floor(low / step + 1e-9)
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9))
  const min = first * step
  const max = last * step
  const ticks = Array.from({ length: last - first + 1 }, (_, k) => (first + k) * step)
  return { at: (value) => from + ((value - min) / (max - min)) * (to - from), ticks, min, max }
}
