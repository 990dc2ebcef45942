import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { judges } from '../../packages/reprise-judge/index.js'

interface JudgeFile {
  readonly languages: readonly string[]
  readonly logitScale: number
  readonly files: Readonly<Record<string, string>>
}

describe.each(Object.entries(judges))('the weights of reprise-judge for %s', (language, url) => {
  const folder = fileURLToPath(url)
  const judge = JSON.parse(readFileSync(join(folder, 'judge.json'), 'utf8')) as JudgeFile

  it('are the bytes that judge.json names by their checksums', () => {
    expect(Object.keys(judge.files).sort()).toEqual(['model.onnx', 'tokenizer.json', 'tokenizer_config.json'])
    for (const [name, sha256] of Object.entries(judge.files)) {
      const digest = createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex')
      expect({ name, digest }).toEqual({ name, digest: sha256 })
    }
  })

  it('are for their language, calibrated, with their licence beside them', () => {
    expect(judge.languages).toEqual([language])
    // What an export writes before evaluate.py --calibrate.
    expect(judge.logitScale).not.toBe(1)
    expect(readdirSync(folder)).toContain('LICENSE')
  })

  it('take 25 MB at most', () => {
    const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
    expect(bytes).toBeLessThanOrEqual(25_000_000)
  })
})
