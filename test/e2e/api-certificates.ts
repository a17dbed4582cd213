import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A certificate for `localhost` that vouches for itself. */
export const selfSigned = (folder: string, name: string): { cert: string; key: string } => {
  const [certFile, keyFile] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)]
  const request = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2'
  const names = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-subj', `/CN=${name}`]
  const files = ['-keyout', keyFile, '-out', certFile]
  execFileSync('openssl', [...request.split(' '), ...names, ...files], { stdio: 'pipe' })
  return { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') }
}
