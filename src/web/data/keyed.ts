import { batch, signal, type ReadonlySignal, type Signal } from '@preact/signals'

/**
 * Things by their key, each in a signal of its own: a change of one redraws one row, whatever the
 * number of rows.
 */
export interface Keyed<T> {
  /** Keys of what is there, in the order of arrival. */
  readonly keys: ReadonlySignal<readonly string[]>
  /** What has this key; `null` = nothing (yet). */
  at(key: string): ReadonlySignal<T | null>
  /** Everything that is there. */
  all(): T[]
  replace(entries: Iterable<readonly [string, T]>): void
  /** What says the same as before changes nothing; `null` removes. */
  set(key: string, value: T | null): void
}

/** Things come from JSON, so their text is what they are. */
const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

export const createKeyed = <T>(): Keyed<T> => {
  const slots = new Map<string, Signal<T | null>>()
  const keys = signal<readonly string[]>([])

  const slot = (key: string): Signal<T | null> => {
    let found = slots.get(key)
    if (!found) slots.set(key, (found = signal<T | null>(null)))
    return found
  }

  const put = (held: Signal<T | null>, value: T | null): void => {
    if (!isSame(held.value, value)) held.value = value
  }

  return {
    keys,
    at: slot,
    all: () => keys.value.flatMap((key) => slot(key).value ?? []),
    replace: (entries) =>
      batch(() => {
        const next = new Map(entries)
        for (const [key, held] of slots) if (!next.has(key)) held.value = null
        for (const [key, value] of next) put(slot(key), value)
        if (!isSame(keys.value, [...next.keys()])) keys.value = [...next.keys()]
      }),
    set: (key, value) =>
      batch(() => {
        if (value === null && !slots.has(key)) return
        const held = slot(key)
        const wasThere = held.value !== null
        put(held, value)
        if (value !== null && !wasThere) keys.value = [...keys.value, key]
        if (value === null && wasThere) keys.value = keys.value.filter((other) => other !== key)
      }),
  }
}
