import path from 'node:path';
import type { ExecStdio } from '../container-spec.ts';
import type { ExecConnection, ExecStreams } from './exec-request.ts';
import { InputPipe } from './input-pipe.ts';
import { OutputPipe } from './output-pipe.ts';

/** Joins a program's stdio with the caller's streams through FIFOs in the program's directory. */
export class ExecPipes implements ExecConnection {
  readonly stdio: ExecStdio;
  readonly #streams: ExecStreams;
  readonly #stdin: InputPipe;
  readonly #stdout: OutputPipe;
  readonly #stderr: OutputPipe;

  constructor(directory: string, streams: ExecStreams) {
    this.#streams = streams;
    this.#stdin = new InputPipe(path.join(directory, 'stdin'));
    this.#stdout = new OutputPipe(path.join(directory, 'stdout'));
    this.#stderr = new OutputPipe(path.join(directory, 'stderr'));
    this.stdio = {
      kind: 'pipes',
      ...(streams.stdin && { stdin: this.#stdin.file }),
      ...(streams.stdout && { stdout: this.#stdout.file }),
      ...(streams.stderr && { stderr: this.#stderr.file }),
    };
  }

  open(): void {
    if (this.#streams.stdin) this.#stdin.open();
    if (this.#streams.stdout) this.#stdout.open();
    if (this.#streams.stderr) this.#stderr.open();
  }

  async carry(signal: AbortSignal): Promise<void> {
    const { stdin, stdout, stderr } = this.#streams;
    await Promise.all([
      stdin && this.#stdin.carry(stdin, signal),
      stdout && this.#stdout.carry(stdout),
      stderr && this.#stderr.carry(stderr),
    ]);
  }

  [Symbol.dispose](): void {
    for (const pipe of [this.#stdin, this.#stdout, this.#stderr]) pipe[Symbol.dispose]();
  }
}
