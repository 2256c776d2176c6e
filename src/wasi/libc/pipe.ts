import { getInt32 } from 'node:ffi';
import { callResult } from './call-result.ts';
import { libc } from './library.ts';
import { cString, place } from './struct-page.ts';

const closeOnExec = 0o2000000;

export interface Pipe {
  readonly read: number;
  readonly write: number;
}

/** Makes a pipe whose ends close on exec; a negated errno where it cannot. */
export function openPipe(): Pipe | number {
  const [pair] = place(new Uint8Array(8));
  const result = callResult(libc.pipe2(pair, closeOnExec));
  return result < 0 ? result : { read: getInt32(pair, 0), write: getInt32(pair, 4) };
}

/** Makes a named pipe. 0 or a negated errno. */
export function makeFifo(path: string, mode: number): number {
  const [pointer] = place(cString(path));
  return callResult(libc.mkfifo(pointer, mode));
}
