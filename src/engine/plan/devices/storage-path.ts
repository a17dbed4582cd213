import { fillSegment, levelForChange, type Storage } from './storage-segment.ts'

/**
 * The best path of a content between its limits. The content is e(t+1) = e(t) + change(level),
 * where the level (the worth of content, in units of eps) is constant except where the content
 * touches a limit: it may rise where the storage is full and fall where it is empty, like a string
 * pulled tight between two walls.
 *
 * Method: take one level from the start to the end; where the content breaks a limit by most, it
 * touches that limit in the true path too (see docs/reference/planner.md), so cut there and treat
 * the two parts alike. Started with the contacts of the last path, which mostly still hold: one
 * pass. Contacts where the level would have to move the wrong way are dropped; if that does not
 * settle in a few rounds, the path is built from nothing.
 */
export interface StoragePath {
  /** Level of each step, in units of eps. */
  readonly level: Float64Array
  /** Entry after which the content touches a limit, ascending, and which: 1 high, 0 low. */
  readonly contact: Int32Array
  readonly side: Uint8Array
  contacts: number
  /** The last segment is tied by a contact or by the target, not by a price. */
  isEndTied: boolean
}

const ROUNDS = 4
const SLACK = 1e-7

export const storagePath = (steps: number): StoragePath => ({
  level: new Float64Array(steps),
  contact: new Int32Array(steps + 1),
  side: new Uint8Array(steps + 1),
  contacts: 0,
  isEndTied: false,
})

const insertContact = (path: StoragePath, at: number, entry: number, side: number): void => {
  path.contact.copyWithin(at + 1, at, path.contacts)
  path.side.copyWithin(at + 1, at, path.contacts)
  path.contact[at] = entry
  path.side[at] = side
  path.contacts++
}

const removeContact = (path: StoragePath, at: number): void => {
  path.contact.copyWithin(at, at + 1, path.contacts)
  path.side.copyWithin(at, at + 1, path.contacts)
  path.contacts--
}

/** Level of the last segment when no contact ends it. */
const openLevel = (storage: Storage, path: StoragePath, first: number, content: number): number => {
  const { length, shortfallPrice } = storage
  const target = Math.min(storage.target, storage.high)
  path.isEndTied = false
  if (content + fillSegment(storage, first, length, 0) >= target) return 0
  if (content + fillSegment(storage, first, length, shortfallPrice) <= target) return shortfallPrice
  path.isEndTied = true
  return levelForChange(storage, first, length, target - content, path.level[length - 1])
}

/** Cuts the segment that starts at `first` until no limit is broken in it; returns its end. */
const settleSegment = (
  storage: Storage,
  path: StoragePath,
  index: number,
  first: number,
  content: number,
): number => {
  for (;;) {
    const isOpen = index === path.contacts
    const end = isOpen ? storage.length : path.contact[index]
    const goal = isOpen || path.side[index] === 1 ? storage.high : storage.low
    const level = isOpen
      ? openLevel(storage, path, first, content)
      : levelForChange(storage, first, end, goal - content, path.level[first])
    fillSegment(storage, first, end, level)
    const worst = worstBreach(storage, first, isOpen ? end + 1 : end, content)
    if (worst === 0) {
      path.level.fill(level, first, end)
      if (!isOpen) path.isEndTied = true
      return end
    }
    insertContact(path, index, Math.abs(worst), worst > 0 ? 1 : 0)
  }
}

/**
 * Number of entries after which the content of the filled segment breaks a limit by most, positive
 * for the high one and negative for the low one; 0 when none is broken. Looks at contents after
 * entries `first + 1 .. end - 1`.
 */
const worstBreach = (storage: Storage, first: number, end: number, content: number): number => {
  const { low, high, change } = storage
  let worst = SLACK * (1 + high - low)
  let where = 0
  let e = content
  for (let k = first; k < end - 1; k++) {
    e += change[k]
    if (e - high > worst) {
      worst = e - high
      where = k + 1
    } else if (low - e > worst) {
      worst = low - e
      where = -(k + 1)
    }
  }
  return where
}

const walk = (storage: Storage, path: StoragePath): void => {
  let first = 0
  let content = storage.start
  let index = 0
  while (first < storage.length) {
    first = settleSegment(storage, path, index, first, content)
    if (index < path.contacts) content = path.side[index] === 1 ? storage.high : storage.low
    index++
  }
}

/** Worth of content after the last step, when a limit ends the path. */
const endLevel = (storage: Storage, side: number): number => {
  const limit = side === 1 ? storage.high : storage.low
  const isWanted = side === 1 ? storage.target >= limit : storage.target > limit
  return isWanted ? storage.shortfallPrice : 0
}

/** Drops contacts at which the level moves the wrong way; true if there were any. */
const dropFalseContacts = (storage: Storage, path: StoragePath): boolean => {
  let dropped = false
  for (let c = path.contacts - 1; c >= 0; c--) {
    const entry = path.contact[c]
    const before = path.level[entry - 1]
    const after = entry < storage.length ? path.level[entry] : endLevel(storage, path.side[c])
    const rise = after - before
    const tolerance = SLACK * (1 + Math.abs(after))
    const isFalse = path.side[c] === 1 ? rise < -tolerance : rise > tolerance
    if (!isFalse) continue
    removeContact(path, c)
    dropped = true
  }
  return dropped
}

/**
 * Fills `path` and the parts and changes of `storage` with the best path. `path` may hold the
 * contacts and levels of an earlier one.
 */
export const findPath = (storage: Storage, path: StoragePath): void => {
  for (let round = 0; round < ROUNDS; round++) {
    walk(storage, path)
    if (!dropFalseContacts(storage, path)) return
  }
  path.contacts = 0
  walk(storage, path)
}
