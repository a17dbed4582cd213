import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyPluginAsync } from 'fastify'
import { AppError } from '../errors.ts'
import { PAGE_HEADERS } from './headers.ts'

/** Files whose name holds a hash of their content never change. */
const FOR_EVER_S = 31_536_000

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Busbar</title>
<h1>The dashboard has not been built</h1>
<p>Run <code>npm run build</code> and start Busbar again. The API works without it:
see <a href="/openapi.json">/openapi.json</a>.</p>
</html>
`

/** The dashboard: static files for everybody; it asks its user for a token. */
export const pageRoutes: FastifyPluginAsync<{ readonly webRoot: string | null }> = async (
  app,
  { webRoot },
) => {
  const route = { config: { access: 'public' as const }, schema: { hide: true } }

  if (webRoot === null || !existsSync(join(webRoot, 'index.html'))) {
    app.get('/', route, (_request, reply) =>
      reply.code(503).headers(PAGE_HEADERS).type('text/html; charset=utf-8').send(NOT_BUILT),
    )
    return
  }

  // What is there now, and only that: the page may be built anew while we run.
  const hasFile = async (file: string): Promise<boolean> => {
    try {
      return (await readdir(webRoot, { recursive: true })).includes(file)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
      throw error
    }
  }

  await app.register(fastifyStatic, {
    root: webRoot,
    serve: false,
    cacheControl: false,
    dotfiles: 'ignore',
  })
  app.get('/', route, (_request, reply) =>
    reply.headers(PAGE_HEADERS).header('cache-control', 'no-cache').sendFile('index.html'),
  )
  app.get<{ Params: { '*': string } }>('/*', route, async (request, reply) => {
    const file = request.params['*']
    // What is no file of the page is the API's business.
    if (file.startsWith('v1/')) {
      throw new AppError('not-found', `There is nothing at /${file}; see /openapi.json`)
    }
    if (!(await hasFile(file))) {
      throw new AppError('not-found', `The page has no file /${file}`)
    }
    const caching = file.startsWith('assets/')
      ? `public, max-age=${FOR_EVER_S}, immutable`
      : 'no-cache'
    return reply.headers(PAGE_HEADERS).header('cache-control', caching).sendFile(file)
  })
}
