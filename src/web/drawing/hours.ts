/** Local full hours between two times, every `every` hours of the clock, changes of the clock included. */
export const hourMarks = (
  startMs: number,
  endMs: number,
  timeZone: string,
  every: number,
): number[] => {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone,
    hour: 'numeric',
    minute: 'numeric',
    hourCycle: 'h23',
  })
  const marks: number[] = []
  // Zones differ by quarters of an hour, so every local full hour is found among them.
  const quarter = 900_000
  for (let atMs = Math.ceil(startMs / quarter) * quarter; atMs <= endMs; atMs += quarter) {
    const [hour, minute] = parts.format(atMs).split(':').map(Number)
    if (minute === 0 && hour % every === 0) marks.push(atMs)
  }
  return marks
}
