/**
 * Runs `node --test` with the arguments given. Tests that fail get one more try, they alone: on a
 * busy machine a process may start late, and a test that needs two tries says so by its place in
 * the output. What fails twice has failed.
 *
 * Each file of tests is a process that loads a hundred files or more, and most of them are the same:
 * their types are stripped once for all processes of a run.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const maxAttempts = 2;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'krustlet-tests-'));
  try {
    return await run(args, directory);
  } finally {
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Whoever ends this process ends the tests with it. */
async function run(args: readonly string[], directory: string): Promise<number> {
  const interrupted = new AbortController();
  process.once('SIGTERM', () => interrupted.abort()).once('SIGINT', () => interrupted.abort());
  const test = [
    '--disable-warning=ExperimentalWarning',
    '--test',
    `--test-rerun-failures=${path.join(directory, 'results.json')}`,
    ...args,
  ];
  const env = { ...process.env, NODE_COMPILE_CACHE: path.join(directory, 'compiled') };
  for (let attempt = 1; ; attempt += 1) {
    const code = await runOnce(test, env, interrupted);
    if (code === 0 || interrupted.signal.aborted || attempt === maxAttempts) return code;
    console.log('\nSome tests failed. Those that did are tried once more:\n');
  }
}

async function runOnce(
  test: readonly string[],
  env: NodeJS.ProcessEnv,
  { signal }: AbortController,
): Promise<number> {
  const tests = spawn(process.execPath, test, { env, stdio: 'inherit' });
  const end = () => tests.kill('SIGTERM');
  signal.addEventListener('abort', end);
  const [code] = await once(tests, 'exit');
  signal.removeEventListener('abort', end);
  return code ?? 1;
}
