/**
 * How many messages a station may send: `perSecond` in the long run, with a reserve of `burst` for
 * what it kept through an outage. Times are ticks of the timer wheel; nothing is computed per message
 * but a subtraction.
 */
export class RateBudget {
  readonly #perTick: number
  readonly #burst: number
  #left: number
  #tick: number

  constructor(perSecond: number, burst: number, tickMs: number, nowTick: number) {
    this.#perTick = (perSecond * tickMs) / 1_000
    this.#burst = burst
    this.#left = burst
    this.#tick = nowTick
  }

  /** Takes one. False: the budget is used up until later. */
  spend(nowTick: number): boolean {
    if (--this.#left >= 0) return true
    this.#left = Math.min(this.#burst, (nowTick - this.#tick) * this.#perTick)
    this.#tick = nowTick
    return this.#left >= 1
  }
}
