import { computed } from '@preact/signals'
import { useMemo, useState } from 'preact/hooks'
import { planSeries, stepAt, type PlanSeries } from '../drawing/plan-series.ts'
import { useDashboard } from '../dashboard.ts'
import type { Plan } from '../wire.ts'
import { isOver } from '../words/events.ts'
import { duration } from '../words/format.ts'
import { certificate, costWords, limitWords, moneyOf, shortfalls } from '../words/plan.ts'
import { Key, Panel, Value } from './parts.tsx'
import { PlanChart } from './plan-chart.tsx'
import { PlanTable } from './plan-table.tsx'

/** The next 24 hours: chart, cost, and what binds. */
export const PlanPanel = () => {
  const { store } = useDashboard()
  const plan = store.plan.value
  return (
    <Panel id="plan" title="Plan of the next 24 hours" aside={plan && <Cost plan={plan} />}>
      {plan ? <PlanBody plan={plan} /> : <p class="help">There is no plan yet.</p>}
    </Panel>
  )
}

/** Plans are made anew every few minutes: what is older was not followed up. */
const OLD_MS = 15 * 60_000

const Cost = ({ plan }: { plan: Plan }) => {
  const { format, coarseMs } = useDashboard()
  const ageMs = coarseMs.value - Date.parse(plan.createdAt)
  return (
    <p class="cost">
      {ageMs > OLD_MS && <small class="doubt">made {duration(ageMs / 1_000)} ago</small>} Charging
      cost <b>{format.value.money(moneyOf(plan))}</b>{' '}
      <small class={plan.method === 'greedy' ? 'doubt' : undefined}>
        {certificate(plan, format.value)}
      </small>
    </p>
  )
}

const PlanBody = ({ plan }: { plan: Plan }) => {
  const { store, nowMs } = useDashboard()
  const [pointed, setPointed] = useState<number | null>(null)
  const series = useMemo(
    () =>
      computed(() => {
        const active = store.events.all().filter((event) => !isOver(event))
        const voltageV = store.site.value?.supply.voltageV ?? 230
        return planSeries(plan, store.prices.value, active, voltageV)
      }),
    [plan, store],
  ).value
  const present = stepAt(series, nowMs.value)
  const step = Math.min(pointed ?? present, plan.steps - 1)
  return (
    <>
      <Readout series={series} step={step} isNow={step === present} />
      <PlanChart series={series} step={pointed} onPoint={setPointed} />
      <Findings plan={plan} />
      <PlanTable series={series} />
    </>
  )
}

interface ReadoutProps {
  readonly series: PlanSeries
  readonly step: number
  readonly isNow: boolean
}

/** The legend, with the values of the step that is looked at. */
const Readout = ({ series, step, isNow }: ReadoutProps) => {
  const { nowMs, format } = useDashboard()
  const { power, price, span } = format.value
  const { edgesMs, baseW, evW, limit } = series
  return (
    <p class="legend readout">
      <b class="when">{isNow ? 'Now' : span(edgesMs[step], edgesMs[step + 1], nowMs.value)}</b>
      <Key kind="load">
        Base load <b>{power(baseW[step])}</b>
      </Key>
      <Key kind="ev">
        Vehicles <b>{power(evW[step])}</b>
      </Key>
      <span class="key">
        <i class="tick price" /> Price{' '}
        <b>
          <Value text={price(series.price[step])} />
        </b>
      </span>
      <span class={limit.some(Boolean) ? 'key limits' : 'key'}>
        <i class="tick event" /> Event limit{' '}
        <b>
          <Value text={limitWords(limit[step], format.value)} />
        </b>
      </span>
    </p>
  )
}

const Findings = ({ plan }: { plan: Plan }) => {
  const { format } = useDashboard()
  const short = shortfalls(plan, format.value)
  const costs = costWords(plan, format.value)
  const bottlenecks = plan.bottlenecks.slice(0, 4).map(({ text }) => text)
  return (
    <ul class="findings">
      {short.length + bottlenecks.length === 0 && (
        <li>No bottleneck: every session gets the energy it needs.</li>
      )}
      {short.map((words) => (
        <li key={words} class="warn">
          {words}
        </li>
      ))}
      {bottlenecks.map((words) => (
        <li key={words}>{words}</li>
      ))}
      {costs && <li>Cost: {costs}</li>}
    </ul>
  )
}
