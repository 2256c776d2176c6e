import type { AbortOptions } from '../abort-options.ts';

/** Judges a program, once, and makes from it what it starts from faster. */
export interface ModulePreparer {
  /** Changes when the same file might be judged or prepared otherwise, as with another engine. */
  readonly version: string;
  /**
   * Writes what it made of `file` to `target`, a new file.
   *
   * @throws An error that says why the program cannot be run.
   */
  prepare(file: string, target: string, options: AbortOptions): Promise<PreparedProgram>;
}

export interface PreparedProgram {
  /** What is worth knowing of the program. */
  readonly about: Readonly<Record<string, string>>;
  /** Whether there was nothing to make: the program starts from its own file. */
  readonly original: boolean;
}
