/** Binary heap of the numbers 0..size-1 by key, smallest first, with keys that can change. */
export interface Heap {
  clear(): void
  /** Inserts or moves. */
  set(item: number, key: number): void
  key(item: number): number
  /** The item with the smallest key, -1 when empty. */
  top(): number
}

export const createHeap = (size: number): Heap => {
  const keys = new Float64Array(size)
  const items = new Int32Array(size)
  const place = new Int32Array(size).fill(-1)
  let count = 0

  const put = (position: number, item: number): void => {
    items[position] = item
    place[item] = position
  }
  const up = (from: number): void => {
    const item = items[from]
    let position = from
    while (position > 0) {
      const above = (position - 1) >> 1
      if (keys[items[above]] <= keys[item]) break
      put(position, items[above])
      position = above
    }
    put(position, item)
  }
  const down = (from: number): void => {
    const item = items[from]
    let position = from
    for (;;) {
      let below = 2 * position + 1
      if (below >= count) break
      if (below + 1 < count && keys[items[below + 1]] < keys[items[below]]) below++
      if (keys[items[below]] >= keys[item]) break
      put(position, items[below])
      position = below
    }
    put(position, item)
  }

  return {
    clear: () => {
      for (let k = 0; k < count; k++) place[items[k]] = -1
      count = 0
    },
    set: (item, key) => {
      if (place[item] < 0) {
        keys[item] = key
        put(count, item)
        up(count++)
        return
      }
      const before = keys[item]
      keys[item] = key
      if (key < before) up(place[item])
      else if (key > before) down(place[item])
    },
    key: (item) => keys[item],
    top: () => (count === 0 ? -1 : items[0]),
  }
}
