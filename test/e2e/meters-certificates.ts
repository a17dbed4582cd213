import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** PEM. */
export interface KeyPair {
  readonly cert: string
  readonly key: string
}

export interface Authority {
  /** PEM. */
  readonly ca: string
  /** A certificate of this authority for the loopback and for a name. */
  issue(name: string): KeyPair
}

/** The arguments as one text; no blanks inside of them. */
const openssl = (args: string): void => {
  // The OPC UA stack leaves a setting behind that the command does not understand.
  const { OPENSSL_CONF: _, ...env } = process.env
  execFileSync('openssl', args.split(' '), { stdio: 'pipe', env })
}

const EC = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
const RSA = '-newkey rsa:2048 -nodes'

const selfSigned = (folder: string, name: string, newKey: string): KeyPair => {
  const key = join(folder, `${name}.key`)
  const cert = join(folder, `${name}.pem`)
  openssl(`req -x509 ${newKey} -keyout ${key} -out ${cert} -days 2 -subj /CN=${name}`)
  return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') }
}

/** A throw-away certificate that nobody vouches for. */
export const createRsaKeyPair = (folder: string, name: string): KeyPair =>
  selfSigned(folder, name, RSA)

/** A throw-away certificate authority. */
export const createAuthority = (folder: string, name: string): Authority => {
  const { cert: ca } = selfSigned(folder, name, EC)
  const by = `-CA ${join(folder, `${name}.pem`)} -CAkey ${join(folder, `${name}.key`)}`
  return {
    ca,
    issue(subject) {
      const of = (ending: string): string => join(folder, `${name}-${subject}.${ending}`)
      writeFileSync(of('ext'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n')
      openssl(`req ${EC} -keyout ${of('key')} -out ${of('csr')} -subj /CN=${subject}`)
      openssl(
        `x509 -req -in ${of('csr')} ${by} -CAcreateserial -days 2 -extfile ${of('ext')}` +
          ` -out ${of('pem')}`,
      )
      return { cert: readFileSync(of('pem'), 'utf8'), key: readFileSync(of('key'), 'utf8') }
    },
  }
}
