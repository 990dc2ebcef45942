import { type ChildProcess, fork } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'

const worker = fileURLToPath(new URL('../../support/flight-worker.ts', import.meta.url))

describe('identical calls from several processes', () => {
  let redis: RedisServer
  let model: Server
  let modelUrl: string
  let modelCalls = 0
  /** Answers when told to, so that nothing depends on how fast anybody is. */
  let answer: () => Promise<void> = async () => undefined

  beforeAll(async () => {
    redis = await startRedis()
    model = createServer((_, response) => {
      modelCalls++
      const text = `answer ${modelCalls}`
      answer().then(() => response.end(text))
    })
    await new Promise<void>((resolve) => model.listen(0, '127.0.0.1', resolve))
    const address = model.address()
    modelUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  })
  afterAll(async () => {
    model.closeAllConnections()
    model.close()
    await redis.stop()
  })

  async function processes(count: number, callsEach: number, question: string) {
    const children = Array.from({ length: count }, () =>
      fork(worker, [modelUrl, String(callsEach), question], {
        execArgv: ['--import', 'tsx'],
        env: { ...process.env, REPRISE_REDIS_URL: redis.url },
      }),
    )
    await Promise.all(children.map(message))
    const answers = children.map(message)
    for (const child of children) child.send('go')
    return { children, answers }
  }
  const message = (child: ChildProcess) =>
    new Promise<unknown>((resolve, reject) => {
      child.once('message', resolve)
      child.once('exit', (code) => reject(new Error(`a worker ended with ${code}`)))
    })

  it('reach the model once: 200 calls from four processes', async () => {
    modelCalls = 0
    answer = () => new Promise((resolve) => setTimeout(resolve, 400))
    const { answers } = await processes(4, 50, 'two hundred times the same?')
    const outcomes = (await Promise.all(answers)).flat() as string[]
    expect(outcomes).toHaveLength(200)
    console.log(
      `four processes, 200 identical calls: ${modelCalls} call(s) of the model; ${JSON.stringify(tally(outcomes))}`,
    )
    expect(new Set(outcomes.map((outcome) => outcome.split(': ')[1]))).toEqual(new Set(['answer 1']))
    expect(modelCalls).toBe(1)
  }, 60_000)

  it('go on when the process that asks the model dies, no later than its lease ends', async () => {
    modelCalls = 0
    let reached: () => void = () => undefined
    const asked = new Promise<void>((resolve) => {
      reached = resolve
    })
    answer = () => {
      if (modelCalls > 1) return Promise.resolve()
      reached()
      return new Promise(() => undefined)
    }
    const first = await processes(1, 1, 'who dies?')
    first.answers[0]?.catch(() => undefined)
    await asked
    const second = await processes(1, 2, 'who dies?')
    const diedAt = performance.now()
    first.children[0]?.kill('SIGKILL')
    const outcomes = (await second.answers[0]) as string[]
    expect(outcomes.map((outcome) => outcome.split(': ')[1])).toEqual(['answer 2', 'answer 2'])
    expect(modelCalls).toBe(2)
    expect(performance.now() - diedAt).toBeLessThan(10_000)
  }, 60_000)
})

function tally(outcomes: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const outcome of outcomes) {
    const name = outcome.split(': ')[0] as string
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}
