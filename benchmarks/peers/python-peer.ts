import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { CallField, Peer, PeerAnswer } from './peer.ts'

/** A peer in Python: one driver process, asked line by line; times are taken inside it, so the pipe costs it nothing. */
export async function pythonPeer(given: {
  readonly python: string
  readonly name: string
  readonly setup: string
  readonly driver: string
  readonly args?: readonly string[]
  readonly dimensions: number
  readonly noPlaceFor: readonly CallField[]
}): Promise<Peer> {
  const driver = startDriver(given.python, given.driver, given.args ?? [])
  try {
    const { version } = (await driver.ask({ op: 'version' })) as { version: string }
    return {
      name: given.name,
      version,
      setup: given.setup,
      isSemantic: true,
      noPlaceFor: given.noPlaceFor,
      async open() {
        await driver.ask({ op: 'open', dimensions: given.dimensions })
        return {
          call: async (call) => {
            const { buffer, byteOffset, byteLength } = call.vector
            const vector = Buffer.from(buffer, byteOffset, byteLength).toString('base64')
            return (await driver.ask({ op: 'call', call: { ...call, vector } })) as PeerAnswer
          },
          close: async () => {},
        }
      },
      close: driver.close,
    }
  } catch (error) {
    await driver.close()
    throw error
  }
}

function startDriver(python: string, name: string, args: readonly string[]) {
  const file = fileURLToPath(new URL(`python/${name}.py`, import.meta.url))
  const child: ChildProcess = spawn(python, ['-W', 'ignore', file, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  let complaints = ''
  child.stderr?.on('data', (data: Buffer) => {
    complaints = `${complaints}${data}`.slice(-4000)
  })
  const waiting: { resolve(value: unknown): void; reject(error: Error): void }[] = []
  const fail = (reason: string) => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`${name}: ${reason}\n${complaints}`))
  }
  child.on('error', (error) => fail(error.message))
  child.on('exit', (code) => fail(`ended with ${code}`))
  if (child.stdout) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const next = waiting.shift()
      const reply = JSON.parse(line) as { error?: string }
      if (reply.error === undefined) next?.resolve(reply)
      else next?.reject(new Error(`${name}: ${reply.error}`))
    })
  }
  return {
    ask(request: object): Promise<unknown> {
      return new Promise((resolve, reject) => {
        waiting.push({ resolve, reject })
        child.stdin?.write(`${JSON.stringify(request)}\n`)
      })
    },
    async close() {
      child.stdin?.end()
      if (child.exitCode === null) child.kill()
    },
  }
}
