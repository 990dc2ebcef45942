/**
 * Runs the latency benchmarks one after another, each in a process of its own:
 *
 *     npm run bench:latency [name …] [-- --options of the one named]
 */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('.', import.meta.url))
const known = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && !['run.ts', 'measure.ts'].includes(file))
  .map((file) => file.slice(0, -3))
const words = process.argv.slice(2)
const firstOption = words.findIndex((word) => word.startsWith('-'))
const wanted = firstOption < 0 ? words : words.slice(0, firstOption)
const options = firstOption < 0 ? [] : words.slice(firstOption)
const unknown = wanted.filter((name) => !known.includes(name))
if (unknown.length > 0)
  throw new RangeError(`a benchmark must be one of ${known.join(', ')}, got ${unknown.join(', ')}`)
if (options.length > 0 && wanted.length !== 1)
  throw new RangeError(`options must come after the name of one benchmark, got ${words.join(' ')}`)
const redis = process.env.REPRISE_REDIS_URL ?? process.env.REPRISE_TEST_REDIS_URL
for (const name of wanted.length > 0 ? wanted : known) {
  if (name === 'redis' && !redis) {
    console.log('not run: redis, because neither REPRISE_REDIS_URL nor REPRISE_TEST_REDIS_URL is set\n')
    continue
  }
  const { status } = spawnSync(
    process.execPath,
    ['--expose-gc', '--import', 'tsx', `${folder}${name}.ts`, ...options],
    // Only the one that asks for it: a default store on Redis would be another measurement.
    { stdio: 'inherit', env: name === 'redis' ? { ...process.env, REPRISE_REDIS_URL: redis } : process.env },
  )
  if (status !== 0) process.exitCode = 1
  console.log()
}
