/**
 * Limits on the magnitude of a phasor sum, as linear rows.
 *
 * A line current limit |re + j im| <= C is a disc. Loads between two lines lead or lag by 30
 * degrees (see domain/wiring.ts), so their sum is not along one axis and the disc matters. We
 * replace the disc by the polygon whose vertices lie on the circle every 360/TANGENTS degrees:
 *
 *     cos(a) re + sin(a) im <= C cos(pi / TANGENTS)     for the normal `a` of every chord
 *
 * The polygon is inside the disc, so a plan that keeps it is safe; it gives away at most
 * 1 - cos(pi/24) = 0.9 % of C, and nothing at multiples of 15 degrees, where pure line-to-neutral
 * and pure line-to-line loads are. Only chords that the loads can reach are kept, and when all
 * loads of a line point along one axis the row is exact.
 */
export const TANGENTS = 24

/** The half plane `cos * re + sin * im <= scale * limit`. */
export interface Tangent {
  readonly cos: number
  readonly sin: number
  readonly scale: number
}

export interface Phasor {
  readonly re: number
  readonly im: number
}

const CHORD = (2 * Math.PI) / TANGENTS
const FULL_TURN = 2 * Math.PI
const EPSILON = 1e-9

const isCollinear = (directions: readonly Phasor[]): boolean => {
  const [first] = directions
  return directions.every(({ re, im }) => Math.abs(first.re * im - first.im * re) < EPSILON)
}

/** One exact row per sense in which the common axis is used. */
const axisRows = (directions: readonly Phasor[]): Tangent[] => {
  const rows: Tangent[] = []
  for (const { re, im } of directions) {
    const size = Math.hypot(re, im)
    const row = { cos: re / size, sin: im / size, scale: 1 }
    if (!rows.some((other) => other.cos * row.cos + other.sin * row.sin > 0)) rows.push(row)
  }
  return rows
}

/** The smallest arc that holds all directions, as start and length in radians. */
const arcOf = (directions: readonly Phasor[]): { start: number; length: number } => {
  const angles = directions.map(({ re, im }) => Math.atan2(im, re)).sort((a, b) => a - b)
  let widest = -1
  let start = 0
  angles.forEach((angle, index) => {
    const next = angles[(index + 1) % angles.length] + (index + 1 < angles.length ? 0 : FULL_TURN)
    if (next - angle > widest) {
      widest = next - angle
      start = next
    }
  })
  return { start, length: FULL_TURN - widest }
}

/**
 * Rows that keep the sum of any non-negative multiples of `directions` inside a circle.
 * Directions of length zero must be left out; an empty list gives no rows.
 */
export const tangentsFor = (directions: readonly Phasor[]): Tangent[] => {
  if (directions.length === 0) return []
  if (isCollinear(directions)) return axisRows(directions)
  const { start, length } = arcOf(directions)
  const wholeCircle = length >= Math.PI - EPSILON
  const rows: Tangent[] = []
  for (let k = 0; k < TANGENTS; k++) {
    const from = (((k * CHORD - start) % FULL_TURN) + FULL_TURN) % FULL_TURN
    const reaches = from < length - EPSILON || from + CHORD > FULL_TURN + EPSILON
    if (!wholeCircle && !reaches) continue
    const normal = (k + 0.5) * CHORD
    rows.push({
      cos: Math.cos(normal),
      sin: Math.sin(normal),
      scale: Math.cos(Math.PI / TANGENTS),
    })
  }
  return rows
}
