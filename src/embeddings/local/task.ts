import type { EmbedderNotice } from '../embedder.ts'

/**
 * A model at work, away from the event loop: `info` says what was loaded, `run` handles one input at a time. Options,
 * info, input and output are plain data, because they may cross a thread.
 */
export interface Task<Info, Input, Output> {
  readonly info: Info
  run(input: Input): Promise<Output>
  close(): Promise<void>
}

export type LoadTask<Options, Info, Input, Output> = (
  options: Options,
  notify: (notice: EmbedderNotice) => void,
) => Promise<Task<Info, Input, Output>>

/** The tasks by name: a worker thread can be sent a name, but no function. A new kind of model adds a line here. */
const TASKS = {
  sentences: async () => (await import('./sentence-task.ts')).loadSentenceTask,
  judge: async () => (await import('./judge-task.ts')).loadJudgeTask,
} satisfies Record<string, () => Promise<unknown>>

export type TaskName = keyof typeof TASKS

export async function loadTask(
  name: TaskName,
  options: unknown,
  notify: (notice: EmbedderNotice) => void,
): Promise<Task<unknown, unknown, unknown>> {
  const load = (await TASKS[name]()) as LoadTask<unknown, unknown, unknown, unknown>
  return load(options, notify)
}
