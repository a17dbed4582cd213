/** One message of an event stream (WHATWG HTML, 9.2.6). JSON has no line ends, so one `data` line. */
export const frame = (event: string, id: string | null, data: unknown): string =>
  `${id === null ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`

/** Moves the client's place without a message, so that it can resume from here. */
export const idFrame = (id: string): string => `: alive\nid: ${id}\n\n`
