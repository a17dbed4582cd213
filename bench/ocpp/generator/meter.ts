import { busySeconds, cpuSeconds, processTree, residentMb } from '../../support/machine.ts'

/** What a stretch of time cost. */
export interface Cost {
  readonly seconds: number
  /** CPU seconds of the server with all its threads and children. */
  readonly serverCpuS: number
  readonly generatorCpuS: number
  /** What neither of the two took, in cores: above 0.25 the result says little. */
  readonly foreignCores: number
  /** Resident memory of the server at the end, MB. */
  readonly serverMb: number
}

/** Starts to measure; the returned function ends it. */
export const startMeter = (serverPid: number): (() => Cost) => {
  const pids = processTree(serverPid)
  const own = process.cpuUsage()
  const serverBefore = cpuSeconds(pids)
  const busyBefore = busySeconds()
  const startedMs = performance.now()
  return () => {
    const seconds = (performance.now() - startedMs) / 1000
    const serverCpuS = cpuSeconds(pids) - serverBefore
    const { user, system } = process.cpuUsage(own)
    const generatorCpuS = (user + system) / 1e6
    const busyS = busySeconds() - busyBefore
    return {
      seconds,
      serverCpuS,
      generatorCpuS,
      foreignCores: Math.max(0, busyS - serverCpuS - generatorCpuS) / seconds,
      serverMb: residentMb(pids),
    }
  }
}
