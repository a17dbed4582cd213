/** Numbers as JSON can hold them: `null` where there is none. */
export type PlainNumbers = readonly (number | null)[]

export const toPlain = (values: ArrayLike<number>): PlainNumbers =>
  Array.from(values, (value) => (Number.isFinite(value) ? value : null))

/**
 * Fills `into` with what was kept.
 *
 * @throws RangeError when the snapshot is of another size, that is, of other settings
 */
export const fromPlain = (into: Float64Array | Float32Array, values: PlainNumbers): void => {
  if (values.length !== into.length) {
    throw new RangeError(`the snapshot has ${values.length} numbers, must have ${into.length}`)
  }
  for (let k = 0; k < into.length; k++) into[k] = values[k] ?? Number.NaN
}
