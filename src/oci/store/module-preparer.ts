import type { AbortOptions } from '../abort-options.ts';

/** Makes from a program, once, what it starts from faster. */
export interface ModulePreparer {
  /** Changes when the same file would be prepared otherwise. */
  readonly version: string;
  /**
   * Writes what it made of `file` to `target`.
   *
   * @returns what is worth knowing of the program; undefined where there is nothing to prepare
   * @throws An error that says why the program cannot be run.
   */
  prepare(
    file: string,
    target: string,
    options: AbortOptions,
  ): Promise<Readonly<Record<string, string>> | undefined>;
}
