import { createHash } from 'node:crypto'
import type { FilePart, ImagePart, Part, ReasoningPart, TextPart } from '../../core/request.ts'

type Block = Readonly<Record<string, unknown>>

/** A content block that has no neutral form: kept whole, so that it counts in the key. */
export interface ForeignPart extends FilePart {
  readonly block: unknown
}

/**
 * Content of a LangChain message as parts: a string, provider blocks (OpenAI, Anthropic, Google), the older data blocks
 * (`source_type`) and the standard blocks of v1. Media become digests, ids and positions in a stream go.
 */
export function partsOf(content: unknown): Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }]
  if (!Array.isArray(content)) return [foreign(content)]
  return content.map((block) => (typeof block === 'string' ? { type: 'text', text: block } : partOf(block)))
}

export function foreign(block: unknown): ForeignPart {
  return { type: 'file', mediaType: 'application/x-langchain', block: withoutIdentity(block) }
}

function partOf(block: unknown): Part {
  if (!isRecord(block)) return foreign(block)
  return textPart(block) ?? reasoningPart(block) ?? mediaPart(block) ?? foreign(block)
}

function textPart(block: Block): TextPart | undefined {
  if (!TEXT_TYPES.has(block.type) || typeof block.text !== 'string') return undefined
  return { ...rest(block, ['text']), type: 'text', text: block.text }
}

const TEXT_TYPES: ReadonlySet<unknown> = new Set(['text', 'input_text', 'output_text'])

function reasoningPart(block: Block): ReasoningPart | undefined {
  const text = block.type === 'reasoning' ? block.reasoning : block.type === 'thinking' ? block.thinking : undefined
  if (typeof text !== 'string') return undefined
  return { ...rest(block, ['reasoning', 'thinking']), type: 'reasoning', text }
}

/**
 * Images, audio, video and files in every shape LangChain passes on. What is not the medium itself (detail, file name,
 * format …) stays beside the digest and counts.
 */
function mediaPart(block: Block): ImagePart | FilePart | undefined {
  switch (block.type) {
    case 'image_url':
    case 'input_image': {
      const inner = block.image_url
      const url = isRecord(inner) ? inner.url : inner
      if (typeof url !== 'string') return undefined
      const more = isRecord(inner) ? rest(inner, ['url']) : {}
      return { ...more, ...rest(block, ['image_url']), type: 'image', ...located(url) }
    }
    case 'input_audio': {
      const inner = block.input_audio
      if (!isRecord(inner) || typeof inner.data !== 'string') return undefined
      return {
        ...rest(inner, ['data']),
        ...rest(block, ['input_audio']),
        type: 'file',
        ...digested(inner.data, 'audio'),
      }
    }
    case 'file':
    case 'input_file': {
      const inner = isRecord(block.file) ? block.file : block
      if (typeof inner.file_data !== 'string') return dataPart(block, 'file')
      return { ...rest(inner, ['file_data', 'file']), type: 'file', ...located(inner.file_data) }
    }
    case 'image':
      return dataPart(block, 'image')
    case 'document':
    case 'audio':
    case 'video':
    case 'media':
    case 'text-plain':
      return dataPart(block, 'file')
    default:
      return undefined
  }
}

/** `{ data, mimeType }`, `{ url }`, `{ source_type, … }`, and Anthropic's `{ source: { type, … } }`. */
function dataPart(block: Block, type: 'image' | 'file'): ImagePart | FilePart | undefined {
  const holder = isRecord(block.source) ? block.source : block
  const mediaType = [holder.mimeType, holder.mime_type, holder.media_type].find((name) => typeof name === 'string')
  const kind = block.type === 'image' || block.type === 'file' ? {} : { kind: block.type }
  const more = {
    ...kind,
    ...rest(holder, ['data', 'url', 'mimeType', 'mime_type', 'media_type', 'source_type', 'source']),
    ...(holder !== block && rest(block, ['source'])),
    type,
  }
  const { data, url } = holder
  if (holder.type === 'text' && typeof data === 'string') return undefined
  if (typeof data === 'string' || data instanceof Uint8Array) return { ...more, type, ...digested(data, mediaType) }
  if (typeof url === 'string') return { ...more, type, ...located(url), ...(mediaType && { mediaType }) }
  return undefined
}

/** A data URL by the digest of its bytes, any other URL as it is. */
function located(url: string): { digest: string; mediaType?: string } | { url: string } {
  const [, header, payload] = /^data:([^,]*),(.*)$/s.exec(url) ?? []
  if (header === undefined || payload === undefined) return { url }
  const [mediaType] = header.split(';')
  if (!/;base64$/i.test(header)) return digested(Buffer.from(payload), mediaType)
  return digested(payload, mediaType)
}

/** `data` as bytes or base64: the same bytes have the same digest in every shape. */
function digested(data: string | Uint8Array, mediaType: string | undefined): { digest: string; mediaType?: string } {
  // What is no base64 would decode to fewer bytes than it says: then the text itself is the medium.
  const bytes =
    typeof data !== 'string' ? data : BASE64.test(data) ? Buffer.from(data, 'base64') : Buffer.from(`text:${data}`)
  const digest = createHash('sha256').update(bytes).digest('base64url')
  return { digest: `sha256-${digest}`, ...(mediaType && { mediaType }) }
}

const BASE64 = /^[A-Za-z0-9+/_\r\n-]+={0,2}[\r\n]*$/

/** Ids of blocks, places in a stream and prompt-cache markers: other in every run, without weight for the answer. */
const IDENTITY: readonly string[] = ['id', 'index', 'cache_control', 'cacheControl']

function rest(block: Block, taken: readonly string[]): Record<string, unknown> {
  const gone = ['type', ...IDENTITY, ...taken]
  return Object.fromEntries(
    Object.entries(block).filter(([name, value]) => value !== undefined && !gone.includes(name)),
  )
}

function withoutIdentity(block: unknown): unknown {
  if (!isRecord(block)) return block
  // Its id stays: it may be the only thing that names a file kept by the provider.
  return Object.fromEntries(Object.entries(block).filter(([name]) => name === 'id' || !IDENTITY.includes(name)))
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
