/** MQTT 5.0 section 4.7: does the filter cover the topic? */
export const topicMatches = (filter: string, topic: string): boolean => {
  const wanted = filter.split('/')
  const levels = topic.split('/')
  if (topic.startsWith('$') && !filter.startsWith('$')) return false
  for (const [i, level] of wanted.entries()) {
    if (level === '#') return true
    if (i >= levels.length || (level !== '+' && level !== levels[i])) return false
  }
  return wanted.length === levels.length
}
