import { useState } from 'preact/hooks'
import type { PlanSeries } from '../drawing/plan-series.ts'
import { useDashboard } from '../dashboard.ts'
import { limitWords } from '../words/plan.ts'
import { Value } from './parts.tsx'

/** The same as the chart, in numbers. It is drawn when somebody opens it. */
export const PlanTable = ({ series }: { series: PlanSeries }) => {
  const [isOpen, setOpen] = useState(false)
  return (
    <details class="numbers" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Show the plan as a table</summary>
      {isOpen && <Rows series={series} />}
    </details>
  )
}

const Rows = ({ series }: { series: PlanSeries }) => {
  const { format, coarseMs } = useDashboard()
  const { power, price, span } = format.value
  const { edgesMs, baseW, evW, limit } = series
  return (
    <div class="table-frame" tabIndex={0} role="region" aria-label="Plan in numbers">
      <table>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Base load</th>
            <th scope="col">Vehicles</th>
            <th scope="col">Price</th>
            <th scope="col">Event limit</th>
          </tr>
        </thead>
        <tbody>
          {evW.map((watts, k) => (
            <tr key={edgesMs[k]}>
              <th scope="row">{span(edgesMs[k], edgesMs[k + 1], coarseMs.value)}</th>
              <td>{power(baseW[k])}</td>
              <td>{power(watts)}</td>
              <td>
                <Value text={price(series.price[k])} />
              </td>
              <td>
                <Value text={limitWords(limit[k], format.value)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
