/** One call as an application makes it, in words that every peer's own API can be driven with. */
export interface PeerCall {
  readonly text: string
  /** Of the last message's text, unit length; all peers that embed get the same. */
  readonly vector: Float32Array
  readonly system?: string
  readonly earlier?: readonly { readonly role: 'user' | 'assistant'; readonly text: string }[]
  readonly model?: string
  readonly tenant?: string
  readonly tools?: readonly string[]
  readonly imageUrl?: string
  readonly temperature?: number
  readonly jsonAnswer?: boolean
  readonly streamed?: boolean
  /** What the model says if it is asked; by default a text it never said before. */
  readonly answer?: string
  /** The model's answer was cut at the token limit. */
  readonly truncated?: boolean
}

export interface PeerAnswer {
  readonly answer: string
  readonly cached: boolean
  /** Time of the whole call inside the peer's process, microseconds. */
  readonly microseconds: number
}

/** What of a call the peer's documented API has no place for: a check that needs it is not held against the peer. */
export type CallField = 'stream' | 'image' | 'tools' | 'model' | 'tenant' | 'json' | 'finish'

export interface Peer {
  readonly name: string
  readonly version: string
  /** How it was set up, in one sentence: what its own documentation shows. */
  readonly setup: string
  readonly isSemantic: boolean
  readonly noPlaceFor: readonly CallField[]
  /** An empty cache. */
  open(): Promise<PeerSession>
  close(): Promise<void>
}

export interface PeerSession {
  call(call: PeerCall): Promise<PeerAnswer>
  close(): Promise<void>
}

export interface AbsentPeer {
  readonly name: string
  readonly reason: string
}
