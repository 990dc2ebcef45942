import { connect, createServer, type Server, type Socket } from 'node:net'

/** A network between client and server that can be slow, cut and noisy. */
export interface TcpProxy {
  readonly port: number
  /** Milliseconds that everything from the server is late. */
  delayMs: number
  /** Changes what the server says; gets and gives bytes of the same length. */
  change: ((bytes: Buffer) => Buffer) | undefined
  /** Ends every connection; new ones are taken. */
  cut(): void
  stop(): Promise<void>
}

export async function tcpProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((client) => {
    const target = connect(targetPort, '127.0.0.1')
    for (const socket of [client, target]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        target.destroy()
      })
    }
    client.on('data', (bytes) => target.write(bytes))
    target.on('data', (bytes) => {
      const changed = proxy.change ? proxy.change(bytes) : bytes
      if (proxy.delayMs === 0) client.write(changed)
      else setTimeout(() => client.write(changed), proxy.delayMs)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const proxy: TcpProxy = {
    port: typeof address === 'object' && address ? address.port : 0,
    delayMs: 0,
    change: undefined,
    cut: () => {
      for (const socket of sockets) socket.destroy()
    },
    stop: async () => {
      proxy.cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return proxy
}
