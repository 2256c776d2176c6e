import { readSync, writeSync } from 'node:fs';
import { readBytes } from '../../wasi/libc/plain-file.ts';

/** What a fork server is asked, with the numbers that two descriptors have in the zygote. */
export type ForkRequest =
  | {
      readonly kind: 'container';
      /** Read end of the pipe with its orders. */
      readonly read: number;
      /** Write end of the pipe for its start report. */
      readonly write: number;
    }
  | {
      /** Another fork server, for containers that run on the event loop. */
      readonly kind: 'event-loop-server';
      /** Read end of the pipe with its requests. */
      readonly read: number;
      /** Write end of the pipe for its answers. */
      readonly write: number;
    };

const kinds = ['container', 'event-loop-server'] as const satisfies ForkRequest['kind'][];
const message = new Int32Array(3);

export function sendForkRequest(pipe: number, { kind, read, write }: ForkRequest): void {
  message.set([kinds.indexOf(kind), read, write]);
  writeSync(pipe, message);
}

/** Waits for a request; undefined when nobody is left to ask. */
export function readForkRequest(pipe: number): ForkRequest | undefined {
  const bytes = readBytes(pipe, message.byteLength);
  if (typeof bytes === 'number') throw new Error(`Cannot read a request: errno ${-bytes}`);
  if (bytes.length === 0) return undefined;
  const [number = 0, read = 0, write = 0] = new Int32Array(bytes.buffer, bytes.byteOffset);
  const kind = kinds[number];
  if (kind === undefined) throw new Error(`Cannot fork: unknown request ${number}`);
  return { kind, read, write };
}

/** Said unasked, once: what is forked from now on shares more than what was forked before. */
export const isWarm = 0;

/** Answers with a pid, or a negated errno; or says {@link isWarm}. */
export function sendForkAnswer(pipe: number, answer: number): void {
  message[0] = answer;
  writeSync(pipe, message, 0, Int32Array.BYTES_PER_ELEMENT);
}

/** Waits for what is said next; undefined when nobody is left to say anything. */
export function readForkAnswer(pipe: number): number | undefined {
  const length = readSync(pipe, message, 0, Int32Array.BYTES_PER_ELEMENT, null);
  return length === 0 ? undefined : message[0];
}
