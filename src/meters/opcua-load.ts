import type { Log } from '../ports/log.ts'

export type OpcUa = typeof import('node-opcua-client')

const textOf = (parts: readonly unknown[]): string =>
  parts
    .map((part) => (part instanceof Error ? part.message : String(part)))
    .join(' ')
    .trim()

/**
 * Loads the OPC UA stack (about half a second and 90 MB, hence on first use). Its own remarks, made
 * for the console and many lines long, go to the log as debug; what matters we say ourselves.
 */
export const loadOpcUa = async (log: Log): Promise<OpcUa> => {
  const opcua = await import('node-opcua-client')
  const remark = (...parts: unknown[]): void => {
    log.debug({ library: 'node-opcua', text: textOf(parts) }, 'remark of the OPC UA stack')
  }
  opcua.setWarningLogger(remark)
  opcua.setErrorLogger(remark)
  return opcua
}
