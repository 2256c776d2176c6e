import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { closeAllOnExec } from '../container/descriptors.ts';
import { readLine } from '../zygote/read-line.ts';
import { containerEnvironment, containerProcessFlags } from './process-flags.ts';

export interface LaunchZygoteInit {
  /** The script that is the zygote. */
  readonly main: string;
  /** What the script reads from its standard input. */
  readonly config: unknown;
  /** File that takes what the zygote and its children write to standard error. */
  readonly errorLog: string;
}

/**
 * Starts a zygote that outlives this process, and resolves when it listens.
 *
 * @throws where it ends, or `signal` aborts, before it does
 */
export async function launchZygote(
  init: LaunchZygoteInit,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  const errorLog = openSync(init.errorLog, 'a', 0o600);
  try {
    closeAllOnExec();
    const child = spawn(process.execPath, [...containerProcessFlags, init.main], {
      cwd: '/',
      detached: true,
      env: containerEnvironment,
      stdio: ['pipe', 'pipe', errorLog],
    });
    const { stdin, stdout } = pipesOf(child);
    child.on('error', (error) => stdout.destroy(error));
    stdin.on('error', () => {}); // it died: the missing answer tells
    stdin.end(JSON.stringify(init.config));
    const answer = await readLine(stdout, { signal }).finally(() => {
      child.unref();
      stdout.destroy();
    });
    if (answer !== 'ready') throw new Error(`see '${init.errorLog}'`);
  } catch (error) {
    throw new Error('Cannot start a zygote', { cause: error });
  } finally {
    closeSync(errorLog);
  }
}

function pipesOf({ stdin, stdout }: ChildProcess): { stdin: Writable; stdout: Readable } {
  if (stdin === null || stdout === null) throw new Error('no pipes');
  return { stdin, stdout };
}
