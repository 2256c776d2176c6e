import { Writable } from 'node:stream';
import { canExec, type HandlerResult, type ProbeTarget } from './probe-target.ts';

const outputLimit = 10 * 1024;

/** Runs a program beside the container: exit code 0 is good. */
export async function execProbe(
  { command }: { readonly command: readonly string[] },
  { container }: ProbeTarget,
  signal: AbortSignal,
): Promise<HandlerResult> {
  if (!canExec(container)) return { ok: false, output: 'this provider cannot run exec handlers' };
  const output = new Capture();
  const streams = { stdout: output, stderr: output };
  const exitCode = await container.exec({ command, tty: false }, streams, { signal });
  return { ok: exitCode === 0, output: output.text };
}

/** Keeps the beginning of what is written. */
class Capture extends Writable {
  readonly #chunks: Buffer[] = [];
  #size = 0;

  get text(): string {
    return Buffer.concat(this.#chunks).subarray(0, outputLimit).toString();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.#size < outputLimit) this.#chunks.push(chunk);
    this.#size += chunk.length;
    done();
  }
}
