import { writeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { closeFile, readBytes } from '../../../../wasi/libc/plain-file.ts';

const tryAgain = -11; // EAGAIN
const mostBytes = 4096;
/** Rounds of the event loop in which an answer must have come. */
const mostRounds = 10_000;
/** What the rehearsals' guest says, in an answer of that length. */
const wholeAnswer = /^HTTP\/1\.1 200 .*\r\n\r\nhello$/s;

/**
 * The client's end of a connection, which does not block. Nothing of Node's has it: what V8 learns from a
 * rehearsal is to come from the server alone.
 */
export class RehearsalClient {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  send(request: Uint8Array): void {
    const sent = writeSync(this.#fd, request);
    if (sent !== request.length) throw new Error('Cannot rehearse: a request was sent in part');
  }

  /** Resolves when a whole answer has come. */
  async answered(): Promise<void> {
    let answer = '';
    for (let rounds = 0; rounds < mostRounds; rounds++) {
      const bytes = readBytes(this.#fd, mostBytes);
      if (typeof bytes !== 'number') answer += Buffer.from(bytes).toString('latin1');
      else if (bytes !== tryAgain) throw new Error(`Cannot rehearse: errno ${-bytes}`);
      if (wholeAnswer.test(answer)) return;
      await setImmediate();
    }
    throw new Error(`Cannot rehearse: the answer is ${JSON.stringify(answer)}`);
  }

  close(): void {
    closeFile(this.#fd);
  }
}
