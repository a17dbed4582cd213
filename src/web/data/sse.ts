/** One message of a `text/event-stream`. */
export interface SseMessage {
  /** The last id that was sent, here or before. */
  readonly id: string
  readonly event: string
  readonly data: string
}

export interface SseParser {
  /** Takes the next piece of text, cut anywhere. @throws RangeError for an endless line or message */
  push(text: string): void
  /** Id to resume after; empty = none yet. */
  lastId(): string
}

/** A snapshot of a site with thousands of EVSEs fits. */
const MAX_CHARS = 16 * 1024 * 1024

/** The event stream format (WHATWG HTML, 9.2.6). Comments and unknown fields are skipped. */
export const createSseParser = (onMessage: (message: SseMessage) => void): SseParser => {
  let rest = ''
  let event = ''
  let data: string[] = []
  let chars = 0
  let lastId = ''

  const dispatch = (): void => {
    if (data.length > 0) onMessage({ id: lastId, event: event || 'message', data: data.join('\n') })
    event = ''
    data = []
    chars = 0
  }

  const line = (text: string): void => {
    if (text === '') return dispatch()
    const colon = text.indexOf(':')
    if (colon === 0) return
    const field = colon < 0 ? text : text.slice(0, colon)
    const raw = colon < 0 ? '' : text.slice(colon + 1)
    const value = raw.startsWith(' ') ? raw.slice(1) : raw
    if (field === 'data') {
      data.push(value)
      chars += value.length
    } else if (field === 'event') event = value
    else if (field === 'id' && !value.includes('\0')) lastId = value
  }

  return {
    push: (text) => {
      rest += text
      // A line end may be \r\n: one that stands last is read when it is known what follows.
      const end = /\r\n|\n|\r(?!$)/g
      let from = 0
      for (let found = end.exec(rest); found !== null; found = end.exec(rest)) {
        line(rest.slice(from, found.index))
        from = end.lastIndex
      }
      rest = rest.slice(from)
      if (rest.length + chars > MAX_CHARS) throw new RangeError('the stream has no end of message')
    },
    lastId: () => lastId,
  }
}
