import { useDashboard } from '../dashboard.ts'
import { conditionOrder } from '../words/condition.ts'
import { duration } from '../words/format.ts'
import { Chip, Panel } from './parts.tsx'

/** The page stays a page when a whole site is in trouble. */
const MAX_SHOWN = 12

/** Everything that needs attention now; nothing when all is well. */
export const Conditions = () => {
  const { store, coarseMs, format } = useDashboard()
  const all = store.conditions.all().toSorted(conditionOrder)
  if (all.length === 0) return null
  const alarms = all.filter(({ severity }) => severity === 'alarm').length
  const nowMs = Math.max(coarseMs.value, store.atMs.value ?? 0)
  return (
    <Panel
      id="conditions"
      title="Attention"
      aside={
        <p class="count" role="status">
          {alarms > 0 && `${alarms} ${alarms === 1 ? 'alarm' : 'alarms'}`}
          {alarms > 0 && all.length > alarms && ', '}
          {all.length > alarms &&
            `${all.length - alarms} ${all.length - alarms === 1 ? 'warning' : 'warnings'}`}
        </p>
      }
    >
      <ul>
        {all.slice(0, MAX_SHOWN).map(({ key, severity, what, remedy, since }) => (
          <li key={key} class={severity}>
            <Chip tone={severity === 'alarm' ? 'bad' : 'warn'}>
              {severity === 'alarm' ? 'Alarm' : 'Warning'}
            </Chip>
            <div>
              <p>
                <strong>{what}</strong>
              </p>
              <p class="help">{remedy}</p>
            </div>
            <time dateTime={since}>
              since {format.value.clock(Date.parse(since))} (
              {duration(Math.max(0, nowMs - Date.parse(since)) / 1_000)})
            </time>
          </li>
        ))}
      </ul>
      {all.length > MAX_SHOWN && (
        <p class="help">{all.length - MAX_SHOWN} more are not shown; see /v1/conditions.</p>
      )}
    </Panel>
  )
}
