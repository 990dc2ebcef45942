import type { ToolDescription } from './tool-cache.ts'

const descriptions = new WeakMap<object, ToolDescription>()

/** Notes how an adapter calls a tool that it lists under another name, so that an audit says what calls do. */
export function noteCalledAs(tool: object, description: ToolDescription): void {
  descriptions.set(tool, description)
}

/** The tool as calls describe it. */
export function calledAs(tool: ToolDescription): ToolDescription {
  return descriptions.get(tool) ?? tool
}
