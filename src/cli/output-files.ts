import { mkdir, mkdtemp, realpath, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { invalidOption } from '../core/options.ts'

/** Files, or the folder, that a command is going to write, by the option that names them. */
export type Outputs = Readonly<Record<string, { readonly file: string } | { readonly folder: string }>>

/**
 * To be asked before the work that makes what is written: an hour of measuring must not end at a folder that is not
 * there to be written to. Leaves nothing behind.
 *
 * @throws CacheError INVALID_OPTION
 */
export async function mustBeWritable(outputs: Outputs): Promise<void> {
  for (const [option, output] of Object.entries(outputs)) {
    const [path, isFile] = 'file' in output ? [output.file, true] : [output.folder, false]
    const target = resolve(path)
    const found = await stat(target).catch(() => undefined)
    if (found && found.isDirectory() === isFile) {
      throw invalidOption(option, isFile ? 'a file, not a folder' : 'a folder, not a file', path)
    }
    // A pipe or a device, such as /dev/stdout.
    if (isFile && found && !found.isFile()) continue
    const folder = await existingFolder(isFile ? dirname(target) : target)
    try {
      await rmdir(await mkdtemp(join(folder, '.reprise-')))
    } catch (error) {
      throw invalidOption(option, `where files can be written (${codeOf(error)} in ${folder})`, path)
    }
  }
}

/**
 * What is read is dear (labels, logs, bought answers), so no file that is written may be one of those, nor another one
 * that is written.
 *
 * @throws CacheError INVALID_OPTION
 */
export function mustBeApart(read: readonly string[], written: Readonly<Record<string, string>>): void {
  const taken = new Set(read.map((path) => resolve(path)))
  for (const [option, path] of Object.entries(written)) {
    if (taken.has(resolve(path))) throw invalidOption(option, 'a file of its own', path)
    taken.add(resolve(path))
  }
}

/** Whole or not at all: a file that was cut off must not be there to be read. Makes the folders above it. */
export async function writeWhole(path: string, text: string): Promise<void> {
  // A link is written through, and nothing is put in the place of a device.
  const target = await realpath(path).catch(() => resolve(path))
  const found = await stat(target).catch(() => undefined)
  if (found && !found.isFile()) return writeFile(target, text)
  await makeFolder(dirname(target))
  const draft = `${target}.${process.pid}.tmp`
  try {
    await writeFile(draft, text)
    await rename(draft, target)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/** Level by level: Node's own `recursive` never ends where making a folder says ENOENT, as in /proc. */
async function makeFolder(folder: string): Promise<void> {
  if (await stat(folder).catch(() => undefined)) return
  await makeFolder(dirname(folder))
  await mkdir(folder).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error
  })
}

/** The nearest one that is there. */
async function existingFolder(path: string): Promise<string> {
  return (await stat(path).catch(() => undefined)) ? path : existingFolder(dirname(path))
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
