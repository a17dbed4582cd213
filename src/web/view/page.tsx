import { useEffect } from 'preact/hooks'
import type { ThemeChoice } from '../data/theme.ts'
import { useDashboard } from '../dashboard.ts'
import { ChargerDrawer } from './charger-drawer.tsx'
import { Chargers } from './chargers.tsx'
import { Conditions } from './conditions.tsx'
import { Events } from './events.tsx'
import { Header } from './header.tsx'
import { PlanPanel } from './plan.tsx'
import { Power } from './power.tsx'
import { Strangers } from './strangers.tsx'
import { Tree } from './tree.tsx'

/** The site at a glance; details open on top of it. */
export const Page = ({ theme }: { theme: ThemeChoice }) => {
  const { store, link, staleSinceMs } = useDashboard()
  const site = store.site.value
  useEffect(() => {
    document.title = site ? `${site.name} – Busbar` : 'Busbar'
  }, [site?.name])
  const state = link.value
  return (
    <>
      <Patterns />
      <Header theme={theme} />
      <main class="page" data-stale={staleSinceMs.value !== null || undefined}>
        {site ? (
          <>
            <Conditions />
            <Power />
            <Events />
            <Strangers />
            <Tree />
            <PlanPanel />
            <Chargers />
          </>
        ) : (
          <p class="waiting" role="status">
            {state.state === 'waiting' ? `${state.because}. Trying again…` : 'Loading the site…'}
          </p>
        )}
      </main>
      <ChargerDrawer />
    </>
  )
}

/** Fills that drawings share. */
const Patterns = () => (
  <svg class="patterns" aria-hidden="true" width="0" height="0">
    <defs>
      <pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse">
        <rect class="hatch-ground" width="5" height="5" />
        <path class="hatch-line" d="M-1 6 6-1M-1 1 1-1M4 6 6 4" />
      </pattern>
    </defs>
  </svg>
)
