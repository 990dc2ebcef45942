import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'redis'

/** A redis-server of its own on loopback, ended with `stop`. A missing binary is a failure of the test, not a skip. */
export interface RedisServer {
  readonly port: number
  readonly url: string
  readonly folder: string
  /** The same server on the same port, empty. */
  start(): Promise<void>
  /** At once, as by a crash. */
  kill(): Promise<void>
  /** Connected, but answers nothing until `thaw`. */
  freeze(): void
  thaw(): void
  /** A command through a connection of its own; texts. */
  command(...args: string[]): Promise<unknown>
  stop(): Promise<void>
}

export async function freePort(): Promise<number> {
  // The ports above 55 534 have no cluster bus beside them.
  for (;;) {
    const port = await new Promise<number>((resolve, reject) => {
      const probe = createServer()
      probe.once('error', reject)
      probe.listen(0, '127.0.0.1', () => {
        const address = probe.address()
        probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
      })
    })
    if (port < 55_000) return port
    const lower = 20_000 + Math.floor(Math.random() * 10_000)
    if (await isFree(lower)) return lower
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}

export interface RedisServerOptions {
  readonly args?: readonly string[]
  readonly port?: number
  /** Options of the client that asks whether it is up, where it needs any. */
  readonly client?: Parameters<typeof createClient>[0]
  readonly sentinelConfig?: string
}

export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const port = options.port ?? (await freePort())
  const folder = mkdtempSync(join(tmpdir(), 'reprise-redis-'))
  let child: ChildProcess | undefined
  const plain = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder]
  const start = async () => {
    const args = options.sentinelConfig
      ? [options.sentinelConfig, '--sentinel']
      : [...(options.args?.includes('--port') ? plain.slice(2) : plain), ...(options.args ?? [])]
    child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    child.stdout?.on('data', (chunk) => {
      said += chunk
    })
    const failed = new Promise<never>((_, reject) => {
      child?.once('error', (cause) => reject(new Error('the Redis tests need redis-server on the PATH', { cause })))
      child?.once('exit', (code) => reject(new Error(`redis-server ended with ${code}: ${said.slice(-500)}`)))
    })
    failed.catch(() => undefined)
    const isUp = async () => {
      for (;;) {
        try {
          return await command('PING')
        } catch {
          await new Promise((resolve) => setTimeout(resolve, 20))
        }
      }
    }
    await Promise.race([isUp(), failed])
  }
  const command = async (...args: string[]): Promise<unknown> => {
    const client = createClient({
      url: `redis://127.0.0.1:${port}`,
      ...options.client,
      socket: { reconnectStrategy: false, ...options.client?.socket } as never,
    })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return await client.sendCommand(args)
    } finally {
      if (client.isOpen) client.destroy()
    }
  }
  const kill = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child?.once('exit', resolve))
    child.kill('SIGCONT')
    child.kill('SIGKILL')
    await ended
  }
  await start()
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    folder,
    start,
    kill,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    command,
    stop: async () => {
      await kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** An authority and certificates it signed, made by openssl, in a folder. */
export function makeCertificates(folder: string): { ca: string; cert: string; key: string } {
  const path = (name: string) => join(folder, name)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' })
  const names = ['-subj', '/CN=reprise test']
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-keyout',
    path('ca.key'),
    '-out',
    path('ca.pem'),
    ...names,
  )
  openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    path('own.key'),
    '-out',
    path('own.csr'),
    '-subj',
    '/CN=localhost',
    '-addext',
    'subjectAltName=DNS:localhost,IP:127.0.0.1',
  )
  openssl(
    'x509',
    '-req',
    '-in',
    path('own.csr'),
    '-CA',
    path('ca.pem'),
    '-CAkey',
    path('ca.key'),
    '-CAcreateserial',
    '-days',
    '2',
    '-copy_extensions',
    'copy',
    '-out',
    path('own.pem'),
  )
  return { ca: path('ca.pem'), cert: path('own.pem'), key: path('own.key') }
}
