import { createSemanticCache } from '../../src/index.ts'

/** One of several processes that ask the same of one model server through one Redis: `REPRISE_REDIS_URL`, model URL, calls. */
const [modelUrl = '', calls = '1', question = ''] = process.argv.slice(2)
const cache = await createSemanticCache({ memory: { maxEntries: 0 } })
const request = {
  provider: 'test',
  model: 'm',
  messages: [{ role: 'user' as const, content: question }],
}
// Connected: on a busy machine the first lookup of a process takes longer than a lookup may.
const warm = { ...request, messages: [{ role: 'user' as const, content: 'connected yet?' }] }
while ((await cache.lookup(warm)).record.outcome !== 'miss') await new Promise((resolve) => setTimeout(resolve, 50))
process.send?.('ready')
await new Promise((resolve) => process.once('message', resolve))
const answers = await Promise.all(
  Array.from({ length: Number(calls) }, () =>
    cache.getOrCall(request, async () => {
      const text = await (await fetch(modelUrl)).text()
      return { content: [{ type: 'text', text }], toolCalls: [], finishReason: 'stop' }
    }),
  ),
)
const outcomes = answers.map(({ record, response }) => {
  const [first] = response.content
  return `${record.outcome}${record.outcome === 'bypass' ? ` (${record.reason})` : ''}${record.collapsed ? ' collapsed' : ''}: ${first?.type === 'text' ? first.text : ''}`
})
process.send?.(outcomes)
await cache.close()
process.disconnect?.()
