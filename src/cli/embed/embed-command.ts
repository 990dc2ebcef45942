import { Command } from 'commander'
import { dot } from '../../core/vector.ts'
import type { EmbedderNotice } from '../../embeddings/index.ts'
import { EMBEDDER_USAGE, embedderChoice } from './embedder-choice.ts'

interface Options {
  readonly embedder: readonly string[]
  readonly json?: true
}

interface Row {
  readonly embedder: string
  readonly id: string
  readonly dimensions: number
  readonly similarity: number
  readonly tokens?: number
}

/** `reprise embed A B`: how near two texts are to an embedder, before anybody sets a threshold by feeling. */
export function embedCommand(): Command {
  return new Command('embed')
    .description('print the similarity of two texts under one or more embedders')
    .argument('<a>', 'a text')
    .argument('<b>', 'another text')
    .option('-e, --embedder <name...>', EMBEDDER_USAGE, ['static'])
    .option('--json', 'print JSON')
    .action(async (a: string, b: string, { embedder, json }: Options) => {
      const rows: Row[] = []
      for (const word of embedder) rows.push(await similarity(word, a, b))
      process.stdout.write(json ? `${JSON.stringify(rows, null, 2)}\n` : table(rows))
    })
}

async function similarity(word: string, a: string, b: string): Promise<Row> {
  const embedder = embedderChoice(word)
  let tokens: number | undefined
  const report = (notice: EmbedderNotice) => {
    if (notice.what === 'usage') tokens = (tokens ?? 0) + notice.tokens
    if (notice.what === 'truncated') process.stderr.write(`${word}: ${notice.texts} of the texts were cut\n`)
    if (notice.what === 'download') showDownload(notice)
  }
  const [left, right] = (await embedder.embed([a, b], { report })) as [Float32Array, Float32Array]
  const { id, dimensions } = await embedder.describe()
  return { embedder: word, id, dimensions, similarity: dot(left, right), ...(tokens ? { tokens } : {}) }
}

function showDownload({ file, loadedBytes, totalBytes }: Extract<EmbedderNotice, { what: 'download' }>): void {
  const of = totalBytes === undefined ? '' : ` of ${(totalBytes / 1e6).toFixed(1)}`
  process.stderr.write(`downloading ${file}: ${(loadedBytes / 1e6).toFixed(1)}${of} MB\n`)
}

function table(rows: readonly Row[]): string {
  return rows.map(({ similarity: near, id }) => `${near.toFixed(4).padStart(7)}  ${id}\n`).join('')
}
