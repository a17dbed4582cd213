/** What one bar shows, in one unit: amperes of a phase, or watts. */
export interface BarValues {
  /** What is not steered; negative = own production beyond own use. */
  readonly base: number
  /** What vehicles draw. */
  readonly ev: number
  /** The most that vehicles may draw. */
  readonly mayDraw: number
  readonly limit: number | null
  /** Part of the limit that is never given out. */
  readonly margin: number
}

/** From and to, in percent of the width. */
export interface Span {
  readonly from: number
  readonly to: number
}

export interface Bar {
  readonly zero: number
  /** Own production that covers what stands to the right of it. */
  readonly surplus: Span
  readonly base: Span
  readonly ev: Span
  /** Allowed, but not drawn. */
  readonly reserve: Span
  /** What flows or may flow above the limit. */
  readonly over: Span
  readonly limitAt: number | null
  readonly marginAt: number | null
}

export interface BarScale {
  readonly min: number
  readonly max: number
}

/** Room to the right of the limit, so that an overload is seen. */
const HEADROOM = 1.08

const drawn = ({ base, ev }: BarValues): number => base + ev
const allowed = (bar: BarValues): number => bar.base + Math.max(bar.ev, bar.mayDraw)

/** One scale for bars that are compared with one another. */
export const barScale = (bars: readonly BarValues[]): BarScale => {
  const max = Math.max(...bars.map((bar) => Math.max((bar.limit ?? 0) * HEADROOM, allowed(bar))))
  return { min: Math.min(0, ...bars.map(({ base }) => base)), max: max > 0 ? max : 1 }
}

export const layBar = (values: BarValues, { min, max }: BarScale): Bar => {
  const at = (value: number): number =>
    (100 * (Math.min(max, Math.max(min, value)) - min)) / (max - min)
  const span = (from: number, to: number): Span => ({ from: at(from), to: at(Math.max(from, to)) })
  const { base, limit, margin } = values
  return {
    zero: at(0),
    surplus: span(base, 0),
    base: span(0, base),
    ev: span(base, drawn(values)),
    reserve: span(drawn(values), allowed(values)),
    over: limit === null ? { from: 100, to: 100 } : span(limit, allowed(values)),
    limitAt: limit === null ? null : at(limit),
    marginAt: limit === null || margin <= 0 ? null : at(limit * (1 - margin)),
  }
}
