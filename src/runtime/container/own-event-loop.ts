import { closeSync, writeSync } from 'node:fs';
import { bytesWaiting, renewEventLoop } from '../../wasi/libc/event-loop.ts';
import { openPipe, type Pipe } from '../../wasi/libc/pipe.ts';
import { duplicateTo } from '../../wasi/libc/process.ts';
import { must } from '../sandbox/sandbox-error.ts';
import { openDescriptors } from './descriptors.ts';

/**
 * The pipe by which libuv lets one thread at a time change what is done about signals: whoever
 * takes the byte that lies in it. To be asked before the process has made pipes of its own. Where it is
 * silenced, whoever asks for it gets it: with one thread, it need not be a lock.
 */
export function findSignalLock(): Pipe | undefined {
  const pipes = Map.groupBy(
    [...openDescriptors()].filter(([, link]) => link.startsWith('pipe:')),
    ([, link]) => link,
  );
  const locks = [...pipes.values()].flatMap(([read, write]) =>
    read && write && bytesWaiting(read[0]) === 1 ? { read: read[0], write: write[0] } : [],
  );
  return locks.length === 1 ? locks[0] : undefined;
}

/**
 * Makes the event loop, of which a forked process has a copy, its own: with the descriptors of
 * libuv's that were silenced, its lock among them.
 */
export function ownEventLoop(signalLock: Pipe): void {
  const lock = openPipe();
  if (typeof lock === 'number') throw new Error(`Cannot make a pipe: errno ${-lock}`);
  writeSync(lock.write, Buffer.of(0));
  must("take libuv's lock", duplicateTo(lock.read, signalLock.read));
  must("take libuv's lock", duplicateTo(lock.write, signalLock.write));
  closeSync(lock.read);
  closeSync(lock.write);
  must('renew the event loop', renewEventLoop());
}
