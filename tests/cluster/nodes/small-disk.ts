import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { hasErrorCode } from '../../../src/runtime/errors.ts';

/** A disk of some mebibytes, which only this run of tests has. */
export class SmallDisk implements Disposable {
  readonly path = mkdtempSync(path.join(os.tmpdir(), 'krustlet-disk-'));

  constructor(mebibytes: number) {
    run('mount', '-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=755`, 'krustlet-test', this.path);
  }

  /** Leaves no space on it. */
  fill(): void {
    const file = openSync(this.#ballast, 'w');
    try {
      for (;;) writeSync(file, Buffer.alloc(64 * 1024));
    } catch (error) {
      if (!hasErrorCode(error, 'ENOSPC')) throw error;
    } finally {
      closeSync(file);
    }
  }

  /** Gives back what `fill` took. */
  free(): void {
    rmSync(this.#ballast, { force: true });
  }

  [Symbol.dispose](): void {
    // What still runs from it may hold it for a moment.
    run('umount', '--lazy', this.path);
    rmdirSync(this.path);
  }

  get #ballast(): string {
    return path.join(this.path, 'ballast');
  }
}

function run(command: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}
