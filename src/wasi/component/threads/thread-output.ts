import type { OutputSink } from '../io/output-sink.ts';
import type { FromThread } from './thread-messages.ts';

/** Places in the memory that the two threads share: how many writes were answered, and the last answer. */
const answered = 0;
const answer = 1;

/** The memory that {@link ThreadOutput} and {@link answerOutput} share. */
export function outputMemory(): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(8));
}

/**
 * What guests write in a thread is written by another, which has the log: the thread waits until that
 * is done, as a guest may take for written what it has written.
 */
export class ThreadOutput implements OutputSink {
  readonly terminal: boolean;
  readonly #stream: 'stdout' | 'stderr';
  readonly #memory: Int32Array;
  readonly #tell: (message: FromThread) => void;

  constructor(
    { memory, tell }: { readonly memory: Int32Array; readonly tell: (message: FromThread) => void },
    { stream, terminal }: { readonly stream: 'stdout' | 'stderr'; readonly terminal: boolean },
  ) {
    this.#memory = memory;
    this.#tell = tell;
    this.#stream = stream;
    this.terminal = terminal;
  }

  write(bytes: Uint8Array): number {
    const before = Atomics.load(this.#memory, answered);
    // A copy: the whole of the guest's memory would be sent along with a view of it.
    this.#tell({ kind: 'output', stream: this.#stream, bytes: new Uint8Array(bytes) });
    while (Atomics.load(this.#memory, answered) === before) {
      Atomics.wait(this.#memory, answered, before);
    }
    return Atomics.load(this.#memory, answer);
  }
}

/** Writes for a thread, and lets it go on. */
export function answerOutput(memory: Int32Array, sink: OutputSink, bytes: Uint8Array): void {
  Atomics.store(memory, answer, sink.write(bytes));
  Atomics.add(memory, answered, 1);
  Atomics.notify(memory, answered);
}
