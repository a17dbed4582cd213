import type { Connection } from './connection.ts'

/**
 * The price of one more kWh at a step depends on what the others draw: free PV surplus is worth
 * the feed-in price, below a setpoint another kWh avoids a deviation. A *band* is a range of the
 * total at one step with one price. In ascending order of price (ties: earlier first) the bands
 * are the order in which a cheapest-slot heuristic fills.
 */
export interface Bands {
  readonly count: number
  readonly step: Int32Array
  readonly price: Float64Array
  /** The band ends when the planned total reaches this, kWh; `Infinity` for the last of a step. */
  readonly upTo: Float64Array
  /** 1 where filling the band raises the import, and with it the peaks. */
  readonly imports: Uint8Array
}

/** kWh: a band this narrow is passed over. */
const SMALL = 1e-9

interface Band {
  readonly step: number
  readonly price: number
  readonly upTo: number
  readonly imports: boolean
}

const bandsOfStep = (connection: Connection, t: number): Band[] => {
  const { importPrice, exportPrice, baseKWh, setpoint } = connection
  const surplus = Math.max(0, -baseKWh[t])
  const target = setpoint === null ? 0 : Math.max(0, setpoint.kWh[t])
  const ends = [...new Set([surplus, target])].filter((end) => end > 0).sort((a, b) => a - b)
  return [...ends, Infinity].map((upTo) => {
    const imports = upTo > surplus
    let price = imports ? importPrice[t] : exportPrice[t]
    if (setpoint !== null) price += upTo > target ? setpoint.price[t] : -setpoint.price[t]
    return { step: t, price, upTo, imports }
  })
}

/** All bands of the horizon for totals of at least 0, cheapest first. O(T log T). */
export const buildBands = (connection: Connection): Bands => {
  const bands: Band[] = []
  for (let t = 0; t < connection.steps; t++) bands.push(...bandsOfStep(connection, t))
  bands.sort((a, b) => a.price - b.price || a.step - b.step || a.upTo - b.upTo)
  return {
    count: bands.length,
    step: Int32Array.from(bands, ({ step }) => step),
    price: Float64Array.from(bands, ({ price }) => price),
    upTo: Float64Array.from(bands, ({ upTo }) => upTo),
    imports: Uint8Array.from(bands, ({ imports }) => (imports ? 1 : 0)),
  }
}

/** The band of step `t` that the next kWh falls into when the total is `total`. */
export const bandAt = (
  { importPrice, exportPrice, baseKWh, setpoint }: Connection,
  t: number,
  total: number,
): { price: number; room: number; imports: boolean } => {
  const toImport = -baseKWh[t] - total
  const imports = toImport <= SMALL
  const price = imports ? importPrice[t] : exportPrice[t]
  const room = imports ? Infinity : toImport
  if (setpoint === null) return { price, room, imports }
  const toTarget = setpoint.kWh[t] - total
  if (toTarget <= SMALL) return { price: price + setpoint.price[t], room, imports }
  return { price: price - setpoint.price[t], room: Math.min(room, toTarget), imports }
}
