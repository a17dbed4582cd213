/** Everything that JSON is made of; what remains unmatched is no JSON at all. */
const TOKEN = /\s+|"(?:[^"\\]|\\[^])*"|[[\]{}:,]|[^\s"[\]{}:,]+/gy

/**
 * JSON with the two slips whose meaning is plain, put right: a member without a value is left out
 * (`"transactionId":,`, lbbrhzn/ocpp#2032), and a comma before a closing bracket or beside another
 * comma of an object is dropped (lbbrhzn/ocpp#899). O(length). `null`: there is nothing of the kind,
 * or what is left still is no list of tokens; parse the result, it proves nothing.
 */
export const repairJson = (text: string): string | null => {
  const kept: string[] = []
  const objects: boolean[] = []
  let read = 0
  let repaired = false

  const leaveOut = (count: number): void => {
    kept.length -= count
    repaired = true
  }

  for (const [token] of text.matchAll(TOKEN)) {
    read += token.length
    if (/^\s/.test(token)) continue
    const ends = token === '}' || token === ']'
    if ((ends || token === ',') && kept.at(-1) === ':') leaveOut(2)
    if (ends && kept.at(-1) === ',') leaveOut(1)
    if (token === ',' && objects.at(-1) === true && /^[{,]$/.test(kept.at(-1) ?? '')) {
      repaired = true
      continue
    }
    if (token === '{' || token === '[') objects.push(token === '{')
    else if (ends) objects.pop()
    kept.push(token)
  }
  return repaired && read === text.length ? kept.join('') : null
}

/** Levels of a message of OCPP: a dozen. */
const MAX_DEPTH = 100
/** Shorter texts cannot be deep enough to exhaust the stack. */
const HARMLESS_LENGTH = 2_048

/** Nested so deeply that recursive code would exhaust its stack. O(length), for long texts only. */
export const isTooDeep = (text: string): boolean => {
  if (text.length <= HARMLESS_LENGTH) return false
  let depth = 0
  let inText = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (inText) {
      if (code === BACKSLASH) at++
      else if (code === QUOTE) inText = false
    } else if (code === QUOTE) inText = true
    else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      if (++depth > MAX_DEPTH) return true
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth--
  }
  return false
}

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = Array.from(
  '"\\[]{}',
  (character) => character.charCodeAt(0),
)
