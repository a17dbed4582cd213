/** Whether the work ends in time. Its failure is the caller's; what comes too late is not waited for. */
export const within = async (patienceMs: number, work: Promise<void>): Promise<boolean> => {
  const { promise: late, resolve } = Promise.withResolvers<false>()
  const timer = setTimeout(() => resolve(false), patienceMs)
  try {
    return await Promise.race([work.then(() => true as const), late])
  } finally {
    clearTimeout(timer)
  }
}
