/** The part of an MCP client by which it is told of things. */
interface Notified {
  setNotificationHandler(schema: unknown, handler: (notification: unknown) => unknown): void
}

const METHOD = 'notifications/tools/list_changed'

/**
 * Calls `onChange` when the server says that its tools have changed, before whatever the program itself does then. A
 * client without notifications is left as it is. A handler that the program sets later replaces this one; a tool that is
 * not known is looked up again in any case.
 */
export async function listenForChanges(client: object, onChange: () => Promise<void>): Promise<void> {
  if (!isNotified(client)) return
  // The driver is an optional peer; whoever has a client has it.
  const { ToolListChangedNotificationSchema } = await import('@modelcontextprotocol/sdk/types.js')
  const before = handlerOf(client)
  client.setNotificationHandler(ToolListChangedNotificationSchema, async (notification) => {
    onChange().catch(() => undefined)
    await before?.(notification)
  })
}

function isNotified(client: object): client is Notified {
  return typeof (client as Partial<Notified>).setNotificationHandler === 'function'
}

/** The SDK has no way to ask for a handler, and takes one for each kind of notification. */
function handlerOf(client: object): ((notification: unknown) => unknown) | undefined {
  const handlers: unknown = Reflect.get(client, '_notificationHandlers')
  const handler: unknown = handlers instanceof Map ? handlers.get(METHOD) : undefined
  return typeof handler === 'function' ? (notification) => handler(notification) : undefined
}
