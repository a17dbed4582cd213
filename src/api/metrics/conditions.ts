import { Gauge, type Registry } from 'prom-client'
import { CONDITION_KINDS } from '../../domain/condition.ts'
import type { ApiDeps } from '../deps.ts'

/** How many conditions of each kind hold now; kinds that do not hold read 0, so alerts can rest on them. */
export const collectConditions = (
  register: Registry,
  { conditions }: Pick<ApiDeps, 'conditions'>,
): void => {
  const gauge = new Gauge({
    name: 'busbar_condition',
    help: 'Conditions that need attention now, by kind',
    labelNames: ['kind'],
    registers: [register],
    collect: () => {
      for (const kind of CONDITION_KINDS) gauge.set({ kind }, 0)
      for (const { kind } of conditions.list()) gauge.inc({ kind })
    },
  })
}
