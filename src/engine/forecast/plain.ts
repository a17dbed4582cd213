/** Numbers as JSON can hold them: `null` where there is none. */
export type PlainNumbers = readonly (number | null)[]

export const toPlain = (values: ArrayLike<number>): PlainNumbers =>
  Array.from(values, (value) => (Number.isFinite(value) ? value : null))

/** Fills `into` with what was kept; a snapshot of another size (other settings) is not used. */
export const fromPlain = (into: Float64Array | Float32Array, values: PlainNumbers): boolean => {
  if (values.length !== into.length) return false
  for (let k = 0; k < into.length; k++) into[k] = values[k] ?? Number.NaN
  return true
}
