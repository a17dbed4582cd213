import { readFileSync } from 'node:fs'

/** Of the package: the same place from the sources and from the built program. */
export const versionOf = (): string => {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
