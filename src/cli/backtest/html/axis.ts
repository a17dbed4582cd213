/** Round values from 0 to at least `most`, some four of them. */
export const ticksUpTo = (most: number): number[] => {
  const rough = Math.max(most, 1e-9) / 4
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((value) => value >= rough)!
  return Array.from({ length: Math.ceil(most / step - 1e-9) + 1 }, (_, k) => k * step)
}
