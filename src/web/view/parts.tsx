import type { ComponentChildren } from 'preact'
import type { Theme, ThemeChoice } from '../data/theme.ts'
import type { Tone } from '../words/charger.ts'
import { UNKNOWN } from '../words/format.ts'

export const Logo = () => (
  <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
    <rect width="32" height="32" rx="7" />
    <path class="bars" d="M6 9h20M6 16h20M6 23h20" />
    <path class="taps" d="M10 9v14M22 16v7" />
  </svg>
)

const THEMES: Readonly<Record<Theme, { words: string; path: string }>> = {
  auto: {
    words: 'automatic',
    path: 'M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18Zm0 2v14a7 7 0 0 1 0-14Z',
  },
  light: {
    words: 'light',
    path: 'M12 8a4 4 0 1 0 0 8a4 4 0 0 0 0-8ZM11 2h2v4h-2zM11 18h2v4h-2zM2 11h4v2H2zM18 11h4v2h-4zM4.2 5.6l1.4-1.4 2.8 2.8L7 8.4zM15.6 17l1.4-1.4 2.8 2.8-1.4 1.4zM4.2 18.4 7 15.6 8.4 17l-2.8 2.8zM15.6 7l2.8-2.8 1.4 1.4L17 8.4z',
  },
  dark: { words: 'dark', path: 'M10 3a9 9 0 1 0 11 11a7.5 7.5 0 0 1-11-11Z' },
}

export const ThemeButton = ({ theme }: { theme: ThemeChoice }) => {
  const { words, path } = THEMES[theme.theme.value]
  return (
    <button type="button" class="icon" onClick={theme.next} title={`Colours: ${words}`}>
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path d={path} />
      </svg>
      <span class="hidden">Colours: {words}</span>
    </button>
  )
}

interface PanelProps {
  readonly id: string
  readonly title: string
  /** Stands beside the title. */
  readonly aside?: ComponentChildren
  readonly children: ComponentChildren
}

/** A part of the page under its heading. */
export const Panel = ({ id, title, aside, children }: PanelProps) => (
  <section class={`panel ${id}`} aria-labelledby={`${id}-title`}>
    <header>
      <h2 id={`${id}-title`}>{title}</h2>
      {aside}
    </header>
    {children}
  </section>
)

/** A short state in words, with a dot whose colour repeats it. */
export const Chip = ({ tone, children }: { tone: Tone; children: ComponentChildren }) => (
  <span class={`chip ${tone}`}>{children}</span>
)

/** A formatted value; what is not known is read as such. */
export const Value = ({ text }: { text: string }) =>
  text === UNKNOWN ? (
    <span class="unknown">
      <span aria-hidden="true">{UNKNOWN}</span>
      <span class="hidden">unknown</span>
    </span>
  ) : (
    <>{text}</>
  )

/** Explains a colour of a drawing. */
export const Key = ({ kind, children }: { kind: string; children: ComponentChildren }) => (
  <span class="key">
    <svg class="swatch" viewBox="0 0 12 12" aria-hidden="true">
      <rect class={`fill-${kind}`} width="12" height="12" rx="2" />
    </svg>
    {children}
  </span>
)
