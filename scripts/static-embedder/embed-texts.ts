/** Texts as a JSON list on standard input, float32 vectors on standard output: the package itself is judged. */
import { buffer } from 'node:stream/consumers'
import { hashingEmbedder, staticEmbedder } from '../../src/embeddings/index.ts'

const embedder = process.argv[2] === 'hashing' ? hashingEmbedder() : staticEmbedder()
const texts = JSON.parse((await buffer(process.stdin)).toString()) as string[]
// The hashing embedder refuses punctuation alone ("??"), which some judged sets hold.
const vectors = await embedder.embed(texts.map((text) => (/[\p{L}\p{N}]/u.test(text) ? text : 'x')))
const { dimensions } = await embedder.describe()
const output = new Float32Array(vectors.length * dimensions)
for (const [row, vector] of vectors.entries()) output.set(vector, row * dimensions)
process.stdout.write(new Uint8Array(output.buffer))
