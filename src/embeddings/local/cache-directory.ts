import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where downloaded models are kept by default: the user's cache directory, never node_modules. */
export function userCacheDirectory(): string {
  const { LOCALAPPDATA, XDG_CACHE_HOME } = process.env
  const base =
    process.platform === 'win32'
      ? (LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'))
      : process.platform === 'darwin'
        ? join(homedir(), 'Library', 'Caches')
        : (XDG_CACHE_HOME ?? join(homedir(), '.cache'))
  return join(base, 'reprise', 'models')
}
