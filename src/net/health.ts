import type { Clock } from '../ports/clock.ts'
import type { Health } from '../ports/meter-source.ts'

/** Remembers since when a thing is well or not. */
export interface HealthState {
  get(): Health
  /** True when this turned well into unwell or back. */
  set(ok: boolean, detail: string): boolean
}

export const createHealth = (clock: Clock, detail = 'not started'): HealthState => {
  let health: Health = { ok: false, sinceMs: clock.now(), detail }
  return {
    get: () => health,
    set(ok, detail) {
      const turned = ok !== health.ok
      health = { ok, sinceMs: turned ? clock.now() : health.sinceMs, detail }
      return turned
    },
  }
}
