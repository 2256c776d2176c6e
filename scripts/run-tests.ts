/**
 * Runs `node --test` with the arguments given. Tests that fail get one more try, they alone: on a
 * busy machine a process may start late, and a test that needs two tries says so by its place in
 * the output. What fails twice has failed.
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
    return await run(args, path.join(directory, 'results.json'));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Whoever ends this process ends the tests with it. */
async function run(args: readonly string[], results: string): Promise<number> {
  const interrupted = new AbortController();
  process.once('SIGTERM', () => interrupted.abort()).once('SIGINT', () => interrupted.abort());
  const test = [
    '--disable-warning=ExperimentalWarning',
    '--test',
    `--test-rerun-failures=${results}`,
    ...args,
  ];
  for (let attempt = 1; ; attempt += 1) {
    const code = await runOnce(test, interrupted);
    if (code === 0 || interrupted.signal.aborted || attempt === maxAttempts) return code;
    console.log('\nSome tests failed. Those that did are tried once more:\n');
  }
}

async function runOnce(test: readonly string[], { signal }: AbortController): Promise<number> {
  const tests = spawn(process.execPath, test, { stdio: 'inherit' });
  const end = () => tests.kill('SIGTERM');
  signal.addEventListener('abort', end);
  const [code] = await once(tests, 'exit');
  signal.removeEventListener('abort', end);
  return code ?? 1;
}
