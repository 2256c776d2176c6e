import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import path from 'node:path';
import type { Clock } from '../../kubernetes/clock.ts';

/** How long an address rests before another pod gets it, in milliseconds. */
const restTime = 60_000;

export interface RestingAddressesInit {
  /** Where each has a file, which says when it was given back. @default nowhere */
  readonly directory?: string;
  /** Told where an address rests only as long as this process lives. @default nobody is */
  readonly warn?: (message: string) => void;
}

/**
 * Addresses that pods had a moment ago: who still means the pod by one shall not reach another. Where
 * there is a directory for them, they rest across restarts of this process.
 */
export class RestingAddresses {
  readonly #clock: Clock;
  readonly #init: RestingAddressesInit;
  /** When each may be given out again; those that rest longest come first. */
  #until: Map<string, number> | undefined;

  constructor({ clock }: { readonly clock: Clock }, init: RestingAddressesInit = {}) {
    this.#clock = clock;
    this.#init = init;
  }

  has(address: string): boolean {
    return this.#resting().has(address);
  }

  add(address: string): void {
    const resting = this.#resting();
    const now = this.#clock.now();
    resting.delete(address);
    resting.set(address, now + restTime);
    const file = this.#fileOf(address);
    if (file === undefined) return;
    try {
      writeFileSync(file, String(now));
    } catch (error) {
      this.#init.warn?.(`Cannot note that the address ${address} rests: ${error}`);
    }
  }

  /** It has an owner again. */
  remove(address: string): void {
    if (this.#resting().delete(address)) this.#removeFile(address);
  }

  #resting(): Map<string, number> {
    this.#until ??= new Map(this.#left());
    const now = this.#clock.now();
    for (const [address, until] of this.#until) {
      if (until > now) break;
      this.#until.delete(address);
      this.#removeFile(address);
    }
    return this.#until;
  }

  /** What an earlier life of this process left; a clock that was set back lets none rest for longer. */
  #left(): readonly (readonly [address: string, until: number])[] {
    const { directory } = this.#init;
    if (directory === undefined) return [];
    const now = this.#clock.now();
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return readdirSync(directory)
      .filter((name) => isIP(name) !== 0)
      .map((address) => {
        const at = Number(readFileSync(path.join(directory, address), 'latin1'));
        return [address, Math.min(at, now) + restTime] as const;
      })
      .toSorted(([, one], [, other]) => one - other);
  }

  #removeFile(address: string): void {
    const file = this.#fileOf(address);
    if (file !== undefined) rmSync(file, { force: true });
  }

  #fileOf(address: string): string | undefined {
    const { directory } = this.#init;
    return directory === undefined ? undefined : path.join(directory, address);
  }
}
