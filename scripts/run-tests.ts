/**
 * Runs `node --test` with the arguments given. Tests that fail get one more try, they alone: on a
 * busy machine a process may start late, and a test that needs two tries says so by its place in
 * the output. What fails twice has failed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const maxAttempts = 2;

process.exitCode = main(process.argv.slice(2));

function main(args: readonly string[]): number {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'krustlet-tests-'));
  try {
    return run(args, path.join(directory, 'results.json'));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function run(args: readonly string[], results: string): number {
  for (let attempt = 1; ; attempt += 1) {
    const { status } = spawnSync(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        '--test',
        `--test-rerun-failures=${results}`,
        ...args,
      ],
      { stdio: 'inherit' },
    );
    if (status === 0 || attempt === maxAttempts) return status ?? 1;
    console.log('\nSome tests failed. Those that did are tried once more:\n');
  }
}
