/** A shop's tools with a cache that knows what they read and write. Run: npx tsx examples/tool-cache.ts */
import { tool } from '@langchain/core/tools'
import { z } from 'zod'
import { cachedTool } from '../src/adapters/langchain/index.ts'
import { createToolCache } from '../src/index.ts'

const orders = new Map([[1, 'pending']])
const toolCache = await createToolCache()
const schema = z.object({ id: z.number() })

const getOrder = cachedTool(
  tool(async ({ id }) => `order ${id} is ${orders.get(id)}`, {
    name: 'get_order',
    description: 'Reads an order',
    schema,
  }),
  { cache: toolCache, reads: ['order:{id}'], costUsd: 0.001 },
)
const cancelOrder = cachedTool(
  tool(
    async ({ id }) => {
      orders.set(id, 'cancelled')
      return 'done'
    },
    { name: 'cancel_order', description: 'Cancels an order', schema },
  ),
  { cache: toolCache, writes: ['order:{id}'] },
)

for (const step of [getOrder, getOrder, cancelOrder, getOrder]) {
  const message = await step.invoke({ name: step.name, args: { id: 1 }, id: 'call', type: 'tool_call' })
  console.log(step.name, '→', message.content, message.response_metadata.reprise)
}
console.log(toolCache.audit([getOrder, cancelOrder, { name: 'send_mail' }]))
console.log((await toolCache.stats()).by.tool)
await toolCache.close()
