/** Runs the latency benchmarks one after another, each in a process of its own: `npm run bench:latency [name …]`. */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('.', import.meta.url))
const known = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && !['run.ts', 'measure.ts'].includes(file))
  .map((file) => file.slice(0, -3))
const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !known.includes(name))
if (unknown.length > 0)
  throw new RangeError(`a benchmark must be one of ${known.join(', ')}, got ${unknown.join(', ')}`)
for (const name of wanted.length > 0 ? wanted : known) {
  const { status } = spawnSync(process.execPath, ['--expose-gc', '--import', 'tsx', `${folder}${name}.ts`], {
    stdio: 'inherit',
  })
  if (status !== 0) process.exitCode = 1
  console.log()
}
