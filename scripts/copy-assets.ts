/** Copies what lies beside the sources and is no source (models, fits, samples, notices) to the same place in dist. */
import { cpSync } from 'node:fs'

cpSync(new URL('../src', import.meta.url), new URL('../dist', import.meta.url), {
  recursive: true,
  filter: (path) => !path.endsWith('.ts'),
})
