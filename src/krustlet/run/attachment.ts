import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { ContainerSpec } from '../../runtime/container-spec.ts';
import { hasErrorCode } from '../../runtime/errors.ts';
import { ExecPipes } from '../../runtime/exec/exec-pipes.ts';
import type { ExecConnection, ExecStreams } from '../../runtime/exec/exec-request.ts';
import { ExecTerminal } from '../../runtime/exec/exec-terminal.ts';
import type { RunningContainer } from '../../runtime/running-container.ts';
import type { ExitRecord } from '../../runtime/state/exit-record.ts';
import type { Host } from '../cli/host.ts';
import { useTerminal } from '../containers/terminal.ts';
import { StopSignals } from './stop-signals.ts';

/**
 * Joins a container in the foreground with this process's own stdio, byte for byte and without a
 * log in between, so that a prompt is seen at once and a slow reader slows the guest down.
 */
export class Attachment implements Disposable {
  readonly spec: ContainerSpec;
  readonly #connection: ExecConnection;
  readonly #host: Host;
  readonly #resources = new DisposableStack();

  constructor(host: Host, spec: ContainerSpec, { interactive }: { readonly interactive: boolean }) {
    this.#host = host;
    this.#connection = this.#resources.use(this.#connect(spec.tty, interactive));
    this.#connection.open();
    this.spec = { ...spec, exec: { program: 'main', stdio: this.#connection.stdio } };
  }

  /** Passes on stdio and the wish to end until the container has ended and all is delivered. */
  async accompany(container: RunningContainer, graceSeconds: number): Promise<ExitRecord> {
    const over = new AbortController();
    using _signals = new StopSignals((attempt) => {
      void container.stop(attempt === 1 ? graceSeconds : 0);
    });
    const delivered = this.#connection.carry(over.signal);
    // Whoever read our output has gone: the container ends as by a broken pipe.
    delivered.catch(() => void container.stop(0));
    const exit = await container.exited;
    over.abort();
    await delivered.catch(ignoreBrokenPipe).finally(() => this.#host.stdin.destroy());
    return exit;
  }

  [Symbol.dispose](): void {
    this.#resources.dispose();
  }

  #connect(tty: boolean, interactive: boolean): ExecConnection & Disposable {
    const { stdin, stdout, stderr } = this.#host;
    const streams: ExecStreams = { stdout, stderr, ...(interactive && { stdin }) };
    if (tty) {
      const terminal = this.#resources.use(useTerminal(this.#host));
      return new ExecTerminal({ ...streams, resize: terminal.sizes() });
    }
    const folder = mkdtempSync(path.join(os.tmpdir(), 'krustlet-'));
    this.#resources.defer(() => rmSync(folder, { recursive: true, force: true }));
    return new ExecPipes(folder, streams);
  }
}

function ignoreBrokenPipe(error: unknown): void {
  if (!hasErrorCode(error, 'EPIPE')) throw error;
}
