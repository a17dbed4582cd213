/**
 * One storage over a stretch of time with one level m (worth of a kWh of content, units of eps):
 *
 *     charge part     zc(k) = clip( chargeKey(k) + gain * m, 0, 1 )
 *     discharge part  zd(k) = clip( dischargeKey(k) - loss * m, 0, 1 )
 *     change(k)       = gain * chargeFull * zc(k) - loss * dischargeFull * zd(k)
 *
 * The change rises with m and is piecewise linear. O(entries) per pass.
 */
export interface Storage {
  length: number
  readonly chargeKey: Float64Array
  readonly dischargeKey: Float64Array
  readonly chargePart: Float64Array
  readonly dischargePart: Float64Array
  /** kWh of content per entry. */
  readonly change: Float64Array
  chargeFull: number
  dischargeFull: number
  gain: number
  loss: number
  start: number
  low: number
  high: number
  target: number
  /** Price of a missing kWh at the end, in units of eps. */
  shortfallPrice: number
}

export const storageOf = (steps: number): Storage => ({
  length: 0,
  chargeKey: new Float64Array(steps),
  dischargeKey: new Float64Array(steps),
  chargePart: new Float64Array(steps),
  dischargePart: new Float64Array(steps),
  change: new Float64Array(steps),
  chargeFull: 0,
  dischargeFull: 0,
  gain: 1,
  loss: 1,
  start: 0,
  low: 0,
  high: 0,
  target: 0,
  shortfallPrice: 0,
})

const MAX_PASSES = 100
const TOLERANCE = 1e-10

/** Sets parts and changes of entries `first .. last` at level m; returns the total change. */
export const fillSegment = (storage: Storage, first: number, last: number, m: number): number => {
  const { chargeKey, dischargeKey, chargePart, dischargePart, change, gain, loss } = storage
  const up = gain * storage.chargeFull
  const down = loss * storage.dischargeFull
  let total = 0
  for (let k = first; k < last; k++) {
    const c = chargeKey[k] + gain * m
    const d = dischargeKey[k] - loss * m
    const zc = c <= 0 ? 0 : c >= 1 ? 1 : c
    const zd = d <= 0 ? 0 : d >= 1 ? 1 : d
    chargePart[k] = zc
    dischargePart[k] = zd
    change[k] = up * zc - down * zd
    total += change[k]
  }
  return total
}

const closest = (edge: number, candidate: number, m: number, isDown: boolean): number => {
  if (isDown) return candidate <= m && candidate > edge ? candidate : edge
  return candidate >= m && candidate < edge ? candidate : edge
}

/** Nearest level below (`isDown`) or above m at which something starts to move. */
const nextEdge = (
  { chargeKey, dischargeKey, gain, loss, chargeFull, dischargeFull }: Storage,
  first: number,
  last: number,
  m: number,
  isDown: boolean,
): number => {
  const chargeAt = isDown ? 1 : 0
  const dischargeAt = isDown ? 0 : 1
  let edge = isDown ? -Infinity : Infinity
  for (let k = first; k < last; k++) {
    if (chargeFull > 0) edge = closest(edge, (chargeAt - chargeKey[k]) / gain, m, isDown)
    if (dischargeFull > 0) edge = closest(edge, (dischargeKey[k] - dischargeAt) / loss, m, isDown)
  }
  return edge
}

/**
 * Level at which entries `first .. last` change the content by `wanted`; the nearest possible
 * when it is out of reach. `guess` starts the search.
 */
export const levelForChange = (
  storage: Storage,
  first: number,
  last: number,
  wanted: number,
  guess: number,
): number => {
  const { chargeKey, dischargeKey, gain, loss, chargeFull, dischargeFull } = storage
  const up = gain * chargeFull
  const down = loss * dischargeFull
  const smallest = Math.min(up * gain || Infinity, down * loss || Infinity)
  let low = -Infinity
  let high = Infinity
  let m = guess
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    let excess = -wanted
    let charging = 0
    let discharging = 0
    for (let k = first; k < last; k++) {
      const c = chargeKey[k] + gain * m
      if (c >= 1) excess += up
      else if (c > 0) {
        excess += up * c
        charging++
      }
      const d = dischargeKey[k] - loss * m
      if (d >= 1) excess -= down
      else if (d > 0) {
        excess -= down * d
        discharging++
      }
    }
    if (Math.abs(excess) <= TOLERANCE) return m
    if (excess > 0) high = m
    else low = m
    const slope = up * gain * charging + down * loss * discharging
    let next =
      slope > 0
        ? m - excess / slope
        : nextEdge(storage, first, last, m, excess > 0) - excess / smallest
    if (!Number.isFinite(next)) return m
    if (next <= low || next >= high) {
      next = (low + high) / 2
      if (!Number.isFinite(next)) next = m - Math.sign(excess) * Math.max(1, Math.abs(m))
    }
    if (next === m) return m
    m = next
  }
  return m
}
