import { useDashboard } from '../dashboard.ts'
import type { GridEvent } from '../wire.ts'
import { phaseOf, type EventPhase } from '../words/events.ts'
import { EventCard } from './event-card.tsx'
import { Panel } from './parts.tsx'

const ORDER: readonly EventPhase[] = ['active', 'upcoming', 'over']
const MAX_OVER = 5

/** What acts now first, then what comes, then what was over lately. */
export const Events = () => {
  const { store, coarseMs } = useDashboard()
  const nowMs = Math.max(coarseMs.value, store.atMs.value ?? 0)
  const all = store.events.all()
  const byPhase = (phase: EventPhase): GridEvent[] =>
    all
      .filter((event) => phaseOf(event, nowMs) === phase)
      .toSorted((a, b) =>
        phase === 'over'
          ? Date.parse(b.since) - Date.parse(a.since)
          : Date.parse(a.start) - Date.parse(b.start),
      )
      .slice(0, phase === 'over' ? MAX_OVER : undefined)
  const active = byPhase('active').length
  const upcoming = byPhase('upcoming').length
  return (
    <Panel
      id="events"
      title="Grid events"
      aside={
        <p class="count" role="status">
          {active} active, {upcoming} upcoming
        </p>
      }
    >
      {all.length === 0 && <p class="help">No grid events.</p>}
      <ul class="cards">
        {ORDER.flatMap((phase) =>
          byPhase(phase).map((event) => <EventCard key={event.id} event={event} phase={phase} />),
        )}
      </ul>
    </Panel>
  )
}
