import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'

/** `/proc` counts in hundredths of a second (USER_HZ on every Linux platform of Node). */
const TICKS_PER_S = 100

const git = (...args: string[]): string => {
  try {
    const options = { cwd: import.meta.dirname, encoding: 'utf8', stdio: 'pipe' } as const
    return execFileSync('git', args, options).trim()
  } catch {
    return ''
  }
}

/** One line for the head of a result: machine, system, Node, revision. */
export const describeMachine = (): string => {
  const processors = cpus()
  const revision = git('rev-parse', '--short', 'HEAD') || 'no git'
  const changed = git('status', '--porcelain', '--untracked-files=no') === '' ? '' : ' + changes'
  return (
    `${processors.length} x ${processors[0].model.trim()}, ` +
    `${Math.round(totalmem() / 2 ** 30)} GB, Linux ${release()}, Node ${process.version}, ` +
    `${revision}${changed}`
  )
}

/**
 * Seconds that all processors together were busy since the start of the machine. Interrupts are in
 * it: with tick-based accounting the kernel puts them into the time of the process they hit as well.
 */
export const busySeconds = (): number => {
  const [, ...ticks] = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0].split(/ +/)
  const [user, nice, system, , , interrupts, softInterrupts, stolen] = ticks.map(Number)
  return (user + nice + system + interrupts + softInterrupts + stolen) / TICKS_PER_S
}

interface ProcessStat {
  readonly parent: number
  readonly seconds: number
}

/** `null`: there is no such process (any more). */
const statOf = (pid: number): ProcessStat | null => {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return null
  }
  // The name, in brackets, may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return {
    parent: Number(fields[1]),
    seconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S,
  }
}

/** Processes with this ancestor, itself included. */
export const processTree = (root: number): number[] => {
  const children = new Map<number, number[]>()
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry)
    const stat = Number.isInteger(pid) ? statOf(pid) : null
    if (stat) children.set(stat.parent, [...(children.get(stat.parent) ?? []), pid])
  }
  const tree = [root]
  for (const pid of tree) tree.push(...(children.get(pid) ?? []))
  return tree
}

/** CPU seconds of these processes with all their threads. */
export const cpuSeconds = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + (statOf(pid)?.seconds ?? 0), 0)

/** 0 when the process is gone. */
const memoryMb = (pid: number, file: string, field: string): number => {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return 0
  }
  const line = text.split('\n').find((one) => one.startsWith(`${field}:`))
  return Number(line?.replace(/\D+/g, '') ?? 0) / 1024
}

/** Resident memory of these processes, MB. */
export const residentMb = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + memoryMb(pid, 'status', 'VmRSS'), 0)

/** Proportional resident memory of one process, MB: shared pages count in part. */
export const proportionalMb = (pid: number): number => memoryMb(pid, 'smaps_rollup', 'Pss')
