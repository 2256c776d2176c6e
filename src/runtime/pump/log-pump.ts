import { closeSync, readSync } from 'node:fs';
import { exitNow } from '../../wasi/libc/process.ts';
import { waitForAnyInput } from '../../wasi/libc/wait-for-input.ts';
import { type ConfinedPump, confinePump, type PumpInit } from './confine-pump.ts';

/** So little that the log is rotated in time. */
const chunkBytes = 16 * 1024;

/** Keeps a FIFO from being at its end before its first writer has come. */
export interface HeldFifo {
  /** A writing end; closed when the first writer has opened its own. */
  readonly holder: number;
  /** Readable when somebody has. */
  readonly watch: number;
}

export interface LogPumpInit extends PumpInit {
  /** Read ends of what the program writes. */
  readonly stdout: number;
  readonly stderr: number;
  readonly stdin?: HeldFifo;
}

/**
 * Is the process that writes the log of a program: from its two pipes, in CRI format, until both
 * are at their end.
 */
export function runLogPump(init: LogPumpInit): never {
  const pump = confinePump(init);
  carry(init, pump);
  pump.end();
  exitNow(0);
}

/** What is read from each descriptor; it returns `false` at its end. */
type Readers = Map<number, () => boolean>;

function carry({ stdout, stderr, stdin }: LogPumpInit, { log, complaints }: ConfinedPump): void {
  const chunk = Buffer.alloc(chunkBytes);
  const into = (fd: number, write: (bytes: Buffer) => void) => () => {
    const length = readSync(fd, chunk);
    if (length > 0) write(chunk.subarray(0, length));
    return length > 0;
  };
  const readers: Readers = new Map([
    [stdout, into(stdout, (bytes) => log.stdout.write(bytes))],
    [
      stderr,
      into(stderr, (bytes) => {
        log.stderr.write(bytes);
        complaints.write(bytes);
      }),
    ],
  ]);
  if (stdin) readers.set(stdin.watch, () => letGo(stdin));
  while (readers.has(stdout) || readers.has(stderr)) readReady(readers);
}

function readReady(readers: Readers): void {
  const ready = waitForAnyInput([...readers.keys()]);
  if (typeof ready === 'number') throw new Error(`Cannot wait for output: errno ${-ready}`);
  for (const fd of ready) {
    if (readers.get(fd)?.()) continue;
    readers.delete(fd);
    closeSync(fd);
  }
}

/** The first writer has come: now its going is the end of standard input. */
function letGo({ holder }: HeldFifo): false {
  closeSync(holder);
  return false;
}
