import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const web = resolve(import.meta.dirname, '../../../src/web')
/** All that is shipped to browsers beside our own files. */
const PACKAGES = /^(preact(\/hooks)?|@preact\/signals)$/

const statements = (file: string): { isType: boolean; from: string }[] => {
  const text = readFileSync(file, 'utf8')
  const found = text.matchAll(/^(?:import|export)\s+(type\s)?[^'"]*?from\s+'([^']+)'/gm)
  return [...found].map((match) => ({ isType: match[1] !== undefined, from: match[2] }))
}

test('the page takes types, and nothing else, from the rest of the product', () => {
  const files = readdirSync(web, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && file !== 'vite.config.ts')
    .map((file) => join(web, file))
  expect(files.length).toBeGreaterThan(30)
  const wrong = files.flatMap((file) =>
    statements(file)
      .filter(({ isType, from }) => {
        if (isType) return false
        if (!from.startsWith('.')) return !PACKAGES.test(from)
        return relative(web, resolve(dirname(file), from)).startsWith('..')
      })
      .map(({ from }) => `${relative(web, file)} imports ${from}`),
  )
  expect(wrong).toEqual([])
})
