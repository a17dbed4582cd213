const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}

/** Text as HTML or SVG shows it, in elements and attributes. */
export const escape = (text: string): string => text.replace(/[&<>"]/g, (char) => ENTITIES[char])
