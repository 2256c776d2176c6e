import { once } from 'node:events';
import { closeSync, write } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { ReadStream } from 'node:tty';
import { promisify } from 'node:util';
import { openPseudoTerminal, setTerminalSize } from '../../wasi/libc/pseudo-terminal.ts';
import type { ExecStdio } from '../container-spec.ts';
import { hasErrorCode } from '../errors.ts';
import type { ExecConnection, ExecStreams, TerminalSize } from './exec-request.ts';

const writeTo = promisify(write);

/**
 * Joins a program's terminal with the caller's streams: the kernel's line discipline echoes, edits
 * lines and turns ^C into a signal.
 */
export class ExecTerminal implements ExecConnection {
  readonly #streams: ExecStreams;
  #path = '';
  #controller: number | undefined;

  constructor(streams: ExecStreams) {
    this.#streams = streams;
  }

  get stdio(): ExecStdio {
    return { kind: 'terminal', path: this.#path };
  }

  open(): void {
    const terminal = openPseudoTerminal();
    if (typeof terminal === 'number') {
      throw new Error(`Cannot open a pseudo-terminal: errno ${-terminal}`);
    }
    this.#controller = terminal.controller;
    this.#path = terminal.path;
  }

  /** Until the last program has closed the terminal, which is no sooner than that it has ended. */
  async carry(): Promise<void> {
    const { stdin, stdout, resize } = this.#streams;
    const controller = this.#controller;
    if (controller === undefined) throw new Error('Cannot use the terminal: it is not open');
    this.#controller = undefined;
    const screen = new ReadStream(controller);
    const over = signalOf(screen);
    await Promise.all([
      show(screen, stdout),
      // Not before all is shown: a terminal that is closed gets the modes back that it had.
      stdin && typeIn(controller, stdin, over),
      resize && follow(controller, resize, over),
    ]);
  }

  [Symbol.dispose](): void {
    if (this.#controller !== undefined) closeSync(this.#controller);
    this.#controller = undefined;
  }
}

function signalOf(screen: ReadStream): AbortSignal {
  const closed = new AbortController();
  screen.once('close', () => closed.abort());
  return closed.signal;
}

/** The last program closing the terminal shows as EIO. */
async function show(screen: ReadStream, target: Writable | undefined): Promise<void> {
  try {
    for await (const chunk of screen) {
      if (target && !target.write(chunk)) await once(target, 'drain');
    }
  } catch (error) {
    if (!hasErrorCode(error, 'EIO')) throw error;
  }
}

async function typeIn(terminal: number, source: Readable, signal: AbortSignal): Promise<void> {
  const stop = () => source.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of source) {
      if (signal.aborted) return;
      await writeAll(terminal, Buffer.from(chunk));
    }
  } catch (error) {
    if (!signal.aborted && !hasErrorCode(error, 'EIO', 'EBADF')) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function writeAll(terminal: number, bytes: Buffer): Promise<void> {
  for (let rest = bytes; rest.length > 0; ) {
    const { bytesWritten } = await writeTo(terminal, rest);
    rest = rest.subarray(bytesWritten);
  }
}

async function follow(
  terminal: number,
  sizes: AsyncIterable<TerminalSize>,
  signal: AbortSignal,
): Promise<void> {
  const iterator = sizes[Symbol.asyncIterator]();
  const { promise: over, resolve } = Promise.withResolvers<{ done: true; value: undefined }>();
  signal.addEventListener('abort', () => resolve({ done: true, value: undefined }), { once: true });
  for (;;) {
    const { done, value } = await Promise.race([iterator.next(), over]);
    if (done || value === undefined || signal.aborted) break;
    setTerminalSize(terminal, value);
  }
}
