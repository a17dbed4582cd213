/**
 * What the steered devices may have drawn at each second of the last minute and a half, as lower and
 * upper sums below the metered nodes. A meter speaks late and the devices' own meters speak at other
 * times, so a residual must be taken at one instant, and what is not known of that instant must stay
 * an interval:
 *
 *     between two samples p < q   [min(p, q), max(p, q)]
 *     after the last sample       [0, may draw]      (it may have stopped or risen since)
 *     no vehicle                  [0, 0]
 *
 * A device that is not heard at all (its line is down) is kept apart: nothing will ever say what it
 * drew.  * Rows are the three lines (amperes) and the power (watts). A second costs O(N depth), a sample
 * O(interval depth): sums are corrected by differences.
 */
export const SLOT_COUNT = 96
export const ROW_COUNT = 4
/** Samples further apart say nothing of the time between them. */
const LONGEST_GAP = 75

export interface DrawHistory {
  /** Opens the second of `nowMs`; all devices hold nothing in it until `expect`. */
  open(nowMs: number): void
  /** What a device may draw in the open second, per row. */
  expect(device: number, mayDraw: ArrayLike<number>, isSilent: boolean): void
  /** What a device measured at an instant, per row; older than the one before: ignored. */
  sample(device: number, atMs: number, drawn: ArrayLike<number>): void
  /** Its vehicle has gone: what was measured no longer bounds anything. */
  forget(device: number): void
  /** Bounds of the sum below a node over the seconds from `fromMs` to `toMs`. */
  low(node: number, row: number, fromMs: number, toMs: number): number
  high(node: number, row: number, fromMs: number, toMs: number): number
  /** What devices that were not heard might have drawn at most. */
  silent(node: number, row: number, fromMs: number, toMs: number): number
  /** The earliest instant that it still knows. */
  sinceMs(): number
}

/**
 * @param paths nodes above each device for which sums are kept
 */
export const createDrawHistory = (
  nodeCount: number,
  paths: readonly (readonly number[])[],
): DrawHistory => {
  const count = paths.length
  const perDevice = SLOT_COUNT * ROW_COUNT
  const lows = new Float32Array(count * perDevice)
  const highs = new Float32Array(count * perDevice)
  const mays = new Float32Array(count * perDevice)
  const sumLow = new Float64Array(nodeCount * perDevice)
  const sumHigh = new Float64Array(nodeCount * perDevice)
  const sumSilent = new Float64Array(nodeCount * perDevice)
  /** 1 = the device was not heard in the second. */
  const silent = new Uint8Array(count * SLOT_COUNT)
  const lastSecond = new Float64Array(count).fill(-Infinity)
  const last = new Float32Array(count * ROW_COUNT)
  let openSecond = -Infinity
  let firstSecond = Infinity

  const slotOf = (second: number): number => ((second % SLOT_COUNT) + SLOT_COUNT) % SLOT_COUNT

  const put = (device: number, slot: number, row: number, low: number, high: number): void => {
    const k = device * perDevice + slot * ROW_COUNT + row
    const lowBefore = lows[k]
    const highBefore = highs[k]
    lows[k] = low
    highs[k] = high
    const moreLow = lows[k] - lowBefore
    const moreHigh = highs[k] - highBefore
    if (moreLow === 0 && moreHigh === 0) return
    const sumOf = silent[device * SLOT_COUNT + slot] === 1 ? sumSilent : sumHigh
    for (const node of paths[device]) {
      const s = node * perDevice + slot * ROW_COUNT + row
      sumLow[s] += moreLow
      sumOf[s] += moreHigh
    }
  }

  const setSilent = (device: number, slot: number, isSilent: boolean): void => {
    const k = device * SLOT_COUNT + slot
    const value = isSilent ? 1 : 0
    if (silent[k] === value) return
    for (let row = 0; row < ROW_COUNT; row++) put(device, slot, row, 0, 0)
    silent[k] = value
  }

  const clearSlot = (slot: number): void => {
    for (let device = 0; device < count; device++) {
      const k = device * perDevice + slot * ROW_COUNT
      for (let row = 0; row < ROW_COUNT; row++) lows[k + row] = highs[k + row] = mays[k + row] = 0
      silent[device * SLOT_COUNT + slot] = 0
    }
    for (let node = 0; node < nodeCount; node++) {
      const k = node * perDevice + slot * ROW_COUNT
      for (let row = 0; row < ROW_COUNT; row++) {
        sumLow[k + row] = sumHigh[k + row] = sumSilent[k + row] = 0
      }
    }
  }

  /** From the slot before: for seconds in which nobody looked. */
  const copySlot = (from: number, to: number): void => {
    for (let device = 0; device < count; device++) {
      setSilent(device, to, silent[device * SLOT_COUNT + from] === 1)
      for (let row = 0; row < ROW_COUNT; row++) {
        const k = device * perDevice + row
        mays[k + to * ROW_COUNT] = mays[k + from * ROW_COUNT]
        put(device, to, row, lows[k + from * ROW_COUNT], highs[k + from * ROW_COUNT])
      }
    }
  }

  const bound = (
    sums: Float64Array,
    pick: (a: number, b: number) => number,
    at: { node: number; row: number; fromMs: number; toMs: number },
  ): number => {
    const to = Math.min(openSecond, Math.max(firstSecond, Math.floor(at.toMs / 1000)))
    const from = Math.min(to, Math.max(firstSecond, Math.floor(at.fromMs / 1000)))
    let best = NaN
    for (let second = from; second <= to; second++) {
      const value = sums[at.node * perDevice + slotOf(second) * ROW_COUNT + at.row]
      best = Number.isNaN(best) ? value : pick(best, value)
    }
    return Number.isNaN(best) ? 0 : best
  }

  return {
    open: (nowMs) => {
      const second = Math.floor(nowMs / 1000)
      // A clock that was set back, or a pause longer than the window: begin again.
      if (second < openSecond || second - openSecond >= SLOT_COUNT) {
        for (let slot = 0; slot < SLOT_COUNT; slot++) clearSlot(slot)
        lastSecond.fill(-Infinity)
        firstSecond = second
      } else {
        for (let missed = openSecond + 1; missed < second; missed++) {
          clearSlot(slotOf(missed))
          copySlot(slotOf(missed - 1), slotOf(missed))
        }
        if (second > openSecond) clearSlot(slotOf(second))
      }
      openSecond = second
      firstSecond = Math.max(firstSecond, second - SLOT_COUNT + 1)
    },

    expect: (device, mayDraw, isSilent) => {
      const slot = slotOf(openSecond)
      setSilent(device, slot, isSilent)
      const k = device * perDevice + slot * ROW_COUNT
      for (let row = 0; row < ROW_COUNT; row++) {
        mays[k + row] = mayDraw[row]
        put(device, slot, row, 0, mayDraw[row])
      }
    },

    sample: (device, atMs, drawn) => {
      const second = Math.min(openSecond, Math.floor(atMs / 1000))
      const before = lastSecond[device]
      if (second <= before) return
      const isBracket = second - before <= LONGEST_GAP
      const from = Math.max(firstSecond, isBracket ? before + 1 : second)
      for (let row = 0; row < ROW_COUNT; row++) {
        const previous = isBracket ? last[device * ROW_COUNT + row] : drawn[row]
        const low = Math.min(previous, drawn[row])
        const high = Math.max(previous, drawn[row])
        for (let s = from; s <= second; s++) {
          if (silent[device * SLOT_COUNT + slotOf(s)] === 0) put(device, slotOf(s), row, low, high)
        }
        for (let s = Math.max(firstSecond, second + 1); s <= openSecond; s++) {
          const may = mays[device * perDevice + slotOf(s) * ROW_COUNT + row]
          put(device, slotOf(s), row, 0, may)
        }
        last[device * ROW_COUNT + row] = drawn[row]
      }
      lastSecond[device] = second
    },

    forget: (device) => {
      lastSecond[device] = -Infinity
      last.fill(0, device * ROW_COUNT, (device + 1) * ROW_COUNT)
    },

    low: (node, row, fromMs, toMs) => bound(sumLow, Math.min, { node, row, fromMs, toMs }),
    high: (node, row, fromMs, toMs) => bound(sumHigh, Math.max, { node, row, fromMs, toMs }),
    silent: (node, row, fromMs, toMs) => bound(sumSilent, Math.max, { node, row, fromMs, toMs }),
    sinceMs: () => firstSecond * 1000,
  }
}
