/** FIN and the opcode for text (RFC 6455 5.2); a server does not mask. */
const FIN_TEXT = 0x81

/**
 * A whole WebSocket text frame as one string of bytes, to be written as `latin1`: one write of one
 * piece, where `ws` makes two pieces and a gathered write of them (a tenth of the cost of a short
 * answer). Null for what is not plain ASCII or needs a longer header; `ws` sends that.
 */
export const asciiFrame = (text: string): string | null => {
  const length = text.length
  if (length > 0xffff || Buffer.byteLength(text) !== length) return null
  return length < 126
    ? String.fromCharCode(FIN_TEXT, length) + text
    : String.fromCharCode(FIN_TEXT, 126, length >> 8, length & 0xff) + text
}
