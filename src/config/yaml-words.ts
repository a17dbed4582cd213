import type { YAMLError } from 'yaml'

/** Text of the file around a fault. */
interface Place {
  readonly text: string
  readonly offset: number
}

/** The word that begins at an offset: the name of a setting. */
const wordAt = ({ text, offset }: Place): string => /^[^\s:,{}[\]]*/.exec(text.slice(offset))![0]

const WORDS: Partial<Record<YAMLError['code'], (place: Place) => string>> = {
  TAB_AS_INDENT: () => 'this line is indented with a tab; use blanks',
  DUPLICATE_KEY: (place) => `"${wordAt(place)}" stands here a second time; remove one of the two`,
  MULTILINE_IMPLICIT_KEY: (place) =>
    `"${wordAt(place)}" has no colon behind it; write a setting as name: value`,
  BLOCK_AS_IMPLICIT_KEY: () =>
    'the next line is indented further than this one; settings of one group begin in one column',
  TAG_RESOLVE_FAILED: (place) =>
    `${wordAt(place)} means nothing here; secrets are written "\${NAME}", a text that begins with ! needs quotes`,
  MULTIPLE_DOCS: () => 'a second document begins here; remove the line ---',
}

/** A fault of the YAML in words for people who write a configuration: what is wrong, what to do. */
export const yamlWords = ({ code, message, pos }: YAMLError, text: string): string => {
  const place = { text, offset: pos[0] }
  if (text.startsWith('${', pos[0] - 1)) {
    return 'a reference to the environment must stand in quotes here, like "${NAME}"'
  }
  const words = WORDS[code]
  if (words) return words(place)
  return `${message.split('\n')[0]}; look at brackets, quotes and indentation here and above`
}
