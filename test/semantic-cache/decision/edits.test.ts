import { describe, expect, it } from 'vitest'
import { compare } from '../../../src/semantic-cache/decision/features.ts'
import { editsOf } from '../../../src/semantic-cache/decision/text/edits.ts'

const edits = (a: string, b: string) => editsOf(compare(a, b))

describe('editsOf', () => {
  it('sees one word in the place of another', () => {
    expect(edits('how do I clean a copper pan', 'how do I clean a steel pan')).toMatchObject({
      substituted: 1,
      leftAdded: 0,
      rightAdded: 0,
    })
  })

  it('tells an added word from a dropped one, by the side that has it', () => {
    expect(edits('how do I clean a very old pan', 'how do I clean a pan')).toMatchObject({
      substituted: 0,
      leftAdded: 1,
      rightAdded: 0,
    })
    expect(edits('how do I clean a pan', 'how do I clean a very old pan')).toMatchObject({
      leftAdded: 0,
      rightAdded: 1,
    })
  })

  it('knows related words in each other\u2019s place', () => {
    expect(edits('turn the heating on', 'turn the heating off').related).toBe(1)
  })

  it('sees nothing between a text and itself, nor in texts without words', () => {
    const nothing = { substituted: 0, leftAdded: 0, rightAdded: 0, related: 0 }
    expect(edits('how do I clean a pan', 'how do I clean a pan')).toMatchObject(nothing)
    expect(edits('', '?!')).toMatchObject(nothing)
  })
})
