import { signal, type ReadonlySignal } from '@preact/signals'
import { createShelf } from './shelf.ts'

/** `auto` follows the device. */
export type Theme = 'auto' | 'light' | 'dark'

export interface ThemeChoice {
  readonly theme: ReadonlySignal<Theme>
  /** auto, light, dark, auto, ... */
  readonly next: () => void
}

const ORDER: readonly Theme[] = ['auto', 'light', 'dark']

export const createThemeChoice = (): ThemeChoice => {
  const shelf = createShelf(() => localStorage, 'busbar.theme')
  const theme = signal<Theme>(ORDER.find((one) => one === shelf.read()) ?? 'auto')
  const apply = (): void => {
    const root = document.documentElement
    if (theme.value === 'auto') delete root.dataset.theme
    else root.dataset.theme = theme.value
  }
  apply()
  return {
    theme,
    next: () => {
      theme.value = ORDER[(ORDER.indexOf(theme.value) + 1) % ORDER.length]
      shelf.write(theme.value === 'auto' ? null : theme.value)
      apply()
    },
  }
}
