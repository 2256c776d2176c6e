import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** A directory that is removed with all that is in it when its scope ends. */
export class TemporaryDirectory implements Disposable {
  readonly path = mkdtempSync(path.join(os.tmpdir(), 'krustlet-wasi-'));

  /** The path of a file in it. */
  file(...names: string[]): string {
    return path.join(this.path, ...names);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
