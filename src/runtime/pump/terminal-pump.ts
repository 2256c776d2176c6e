import { closeSync, readSync, writeSync } from 'node:fs';
import { exitNow } from '../../wasi/libc/process.ts';
import { type Awaited, waitForAny } from '../../wasi/libc/wait-for-input.ts';
import { hasErrorCode } from '../errors.ts';
import { type ConfinedPump, confinePump, type PumpInit } from './confine-pump.ts';

/** So little that the log is rotated in time. */
const chunkBytes = 16 * 1024;

/** ^D ends the line that was begun; the second is the end of input. */
const endOfInput = Buffer.from('\x04\x04');

export interface TerminalPumpInit extends PumpInit {
  /** The side of the pseudo-terminal that plays its user; it does not wait. */
  readonly controller: number;
  /** What is typed; it does not wait. @default nobody types */
  readonly keyboard?: number;
}

/**
 * Is the process that plays the user of a container's terminal: types what comes from the
 * container's FIFO and writes what the terminal shows to its log, until the container has ended.
 */
export function runTerminalPump(init: TerminalPumpInit): never {
  const pump = confinePump(init);
  new TerminalPump(pump, init).carry();
  pump.end();
  exitNow(0);
}

class TerminalPump {
  readonly #pump: ConfinedPump;
  readonly #controller: number;
  readonly #chunk = Buffer.alloc(chunkBytes);
  /** `undefined` where nobody types any more. */
  #keyboard: number | undefined;
  /** What was typed and the terminal has no room for: a guest that does not read is not waited for. */
  #typed: Buffer = Buffer.alloc(0);

  constructor(pump: ConfinedPump, { controller, keyboard }: TerminalPumpInit) {
    this.#pump = pump;
    this.#controller = controller;
    this.#keyboard = keyboard;
  }

  carry(): void {
    for (;;) {
      const ready = waitForAny(this.#awaited());
      if (typeof ready === 'number') throw new Error(`Cannot wait for a terminal: ${ready}`);
      for (const { fd, event } of ready) {
        if (fd === this.#keyboard) this.#readKeyboard(fd);
        else if (event === 'output') this.#type();
        else if (!this.#show()) return;
      }
    }
  }

  #awaited(): Awaited[] {
    const screen: Awaited = { fd: this.#controller, event: 'input' };
    if (this.#typed.length > 0) return [screen, { fd: this.#controller, event: 'output' }];
    return this.#keyboard === undefined
      ? [screen]
      : [screen, { fd: this.#keyboard, event: 'input' }];
  }

  #readKeyboard(fd: number): void {
    const length = readNow(fd, this.#chunk);
    if (length === undefined) return;
    if (length === 0) {
      closeSync(fd);
      this.#keyboard = undefined;
    }
    this.#typed = length === 0 ? endOfInput : Buffer.from(this.#chunk.subarray(0, length));
  }

  #type(): void {
    try {
      this.#typed = this.#typed.subarray(writeSync(this.#controller, this.#typed));
    } catch (error) {
      if (!hasErrorCode(error, 'EAGAIN')) this.#typed = Buffer.alloc(0); // the container has ended
    }
  }

  /** `false` when the container's side is closed, which shows as EIO. */
  #show(): boolean {
    try {
      const length = readNow(this.#controller, this.#chunk) ?? 0;
      const shown = this.#chunk.subarray(0, length);
      this.#pump.log.stdout.write(shown);
      this.#pump.complaints.write(shown);
      return true;
    } catch (error) {
      if (hasErrorCode(error, 'EIO')) return false;
      throw error;
    }
  }
}

/** `undefined` where there is nothing after all. */
function readNow(fd: number, into: Buffer): number | undefined {
  try {
    return readSync(fd, into);
  } catch (error) {
    if (hasErrorCode(error, 'EAGAIN')) return undefined;
    throw error;
  }
}
