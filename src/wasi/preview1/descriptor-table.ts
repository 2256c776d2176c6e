import { errno } from '../errno.ts';
import type { Descriptor } from './descriptor.ts';

/** A guest's descriptors by their numbers; a new one gets the lowest that is free. */
export class DescriptorTable {
  readonly #entries: (Descriptor | undefined)[] = [];
  /** No number below this one is free. */
  #lowestFree = 0;

  /** The descriptor behind a number if it has the rights; `badf` or `notcapable` if not. */
  get(fd: number, rights = 0): Descriptor | number {
    const descriptor = this.#entries[fd];
    if (descriptor === undefined) return errno.badf;
    return (descriptor.rights & rights) === rights ? descriptor : errno.notcapable;
  }

  add(descriptor: Descriptor): number {
    let fd = this.#lowestFree;
    while (this.#entries[fd] !== undefined) fd += 1;
    this.#entries[fd] = descriptor;
    this.#lowestFree = fd + 1;
    return fd;
  }

  /** Takes a descriptor out; the caller closes what it stood for. */
  remove(fd: number): Descriptor | undefined {
    const descriptor = this.#entries[fd];
    if (descriptor === undefined) return undefined;
    this.#entries[fd] = undefined;
    this.#lowestFree = Math.min(this.#lowestFree, fd);
    return descriptor;
  }

  /** Puts a descriptor where another one has been removed from. */
  set(fd: number, descriptor: Descriptor): void {
    this.#entries[fd] = descriptor;
  }

  *[Symbol.iterator](): Generator<Descriptor> {
    for (const descriptor of this.#entries) if (descriptor !== undefined) yield descriptor;
  }
}
