import type { Plan } from '../wire.ts'
import type { Format } from './format.ts'

/** How good the plan is for certain. */
export const certificate = ({ cost, lowerBound, method }: Plan, format: Format): string => {
  if (method === 'greedy') return 'by the simple planner, without a proof'
  if (lowerBound === null) return 'how much better a plan could be is not known'
  const gap = cost - lowerBound
  if (gap <= 0.005) return 'proven: no plan is cheaper'
  return `at most ${format.money(gap)} above the best possible`
}

type Bottleneck = Plan['bottlenecks'][number]

const WHAT: Readonly<Record<Bottleneck['kind'], string>> = {
  phase: '',
  power: ' power',
  peak: ' peak',
  event: ' event limit',
}

/** `Garage feeder L2, 17:15 – 18:00: one more kWh would save €0.11`. */
export const bottleneckWords = (
  { nodeId, kind, phase, start, end, pricePerKwh }: Bottleneck,
  names: ReadonlyMap<string, string>,
  nowMs: number,
  format: Format,
): string => {
  const where = nodeId === null ? 'Site' : (names.get(nodeId) ?? nodeId)
  const what = phase === null ? WHAT[kind] : ` ${phase}`
  const when = format.span(Date.parse(start), Date.parse(end), nowMs)
  return `${where}${what} is full, ${when}: it costs ${format.price(pricePerKwh)}`
}

/** Below this nobody misses anything. */
const MISSED_WH = 200
const MAX_NAMED = 5

/** Sessions that cannot get what they want, the shortest of energy first. */
export const shortfalls = ({ sessions }: Plan, format: Format): string[] => {
  const short = sessions
    .filter(({ unservedWh }) => unservedWh > MISSED_WH)
    .toSorted((a, b) => b.unservedWh - a.unservedWh)
  const named = short
    .slice(0, MAX_NAMED)
    .map(
      ({ key, unservedWh, unservedBecause }) =>
        `${key} will lack ${format.energy(unservedWh)}${unservedBecause ? `: ${unservedBecause}` : ''}`,
    )
  const rest = short.length - named.length
  return rest > 0 ? [...named, `${rest} more sessions will not get all that they want`] : named
}
