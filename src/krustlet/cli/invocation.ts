import os from 'node:os';
import path from 'node:path';
import { printable } from '../output/printable.ts';
import { checkDataDir } from './check-data-dir.ts';
import { exitCodes } from './exit-codes.ts';
import type { Host } from './host.ts';

/** Options that every command takes. */
export interface CommonOptions {
  readonly dataDir?: string;
  readonly debug?: boolean;
}

/** One run of the command line. */
export class Invocation {
  readonly host: Host;
  /** What the process ends with, unless an error says otherwise. */
  exitCode: number = exitCodes.ok;

  constructor(host: Host) {
    this.host = host;
  }

  print(text: string): void {
    this.host.stdout.write(text);
  }

  /** For what is said beside the answer. */
  tell(line: string): void {
    this.host.stderr.write(`${printable(line)}\n`);
  }

  /**
   * Absolute path of the folder with images and containers.
   *
   * @throws {UserError} where there can be no such folder
   */
  dataDir(options: CommonOptions): string {
    const { env } = this.host;
    const dataDir = path.resolve(
      options.dataDir ?? env.KRUSTLET_DATA_DIR ?? path.join(os.homedir(), '.krustlet'),
    );
    checkDataDir(dataDir);
    return dataDir;
  }
}
