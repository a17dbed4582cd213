import { stepArea } from '../drawing/path.ts'
import { useDashboard } from '../dashboard.ts'
import type { Why } from '../wire.ts'

const WIDTH = 400
const HEIGHT = 72
const FLOOR = HEIGHT - 16
/** Below this a step is nothing; a car that is to get little has low steps. */
const VISIBLE_W = 50
const LEAST_TOP_W = 1_000

/** The power that the plan gives to one session, until it has what it needs. */
export const SessionPlan = ({ plan }: { plan: NonNullable<Why['plan']> }) => {
  const { format, nowMs } = useDashboard()
  const { power, energy, moment, time } = format.value
  const { session, stepS } = plan
  const { energyWh, unservedWh, unservedBecause } = session
  const startMs = Date.parse(plan.start)
  const last = session.powerW.findLastIndex((watts) => watts > VISIBLE_W)
  const steps = session.powerW.slice(0, Math.max(last + 1, 1))
  const endMs = startMs + steps.length * stepS * 1_000
  const peakW = Math.max(...steps)
  const topW = Math.max(peakW, LEAST_TOP_W)
  const xs = Array.from({ length: steps.length + 1 }, (_, k) => (k * WIDTH) / steps.length)
  const ys = steps.map((watts) => FLOOR - (watts / topW) * (FLOOR - 6))
  const summary =
    last < 0
      ? 'Nothing is scheduled yet'
      : `${energy(energyWh)} until ${moment(endMs, nowMs.value)}, at most ${power(peakW)}`
  return (
    <>
      <p>{summary}</p>
      {unservedWh > 50 && (
        <p class="note warn">
          {unservedBecause ?? `${energy(unservedWh)} cannot be delivered in time`}
        </p>
      )}
      {last >= 0 && (
        <svg
          class="session-plan"
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          role="img"
          aria-label={summary}
        >
          <path
            class="fill-ev"
            d={stepArea(
              xs,
              steps.map(() => FLOOR),
              ys,
            )}
          />
          <line class="axis" x1="0" x2={WIDTH} y1={FLOOR} y2={FLOOR} />
          <text x="0" y={HEIGHT - 3}>
            {time(startMs)}
          </text>
          <text x={WIDTH} y={HEIGHT - 3} text-anchor="end">
            {moment(endMs, nowMs.value)}
          </text>
        </svg>
      )}
    </>
  )
}
