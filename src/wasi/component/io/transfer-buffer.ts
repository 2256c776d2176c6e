import { GuestMemory } from '../../guest-memory.ts';
import { IoVectors } from '../../io-vectors.ts';
import type { System } from '../../system/system.ts';

const size = 65536;

/** A memory of the host's own, for bytes between the system and a guest's lists. */
export class TransferBuffer {
  readonly #memory = new GuestMemory();
  readonly #vectors = new IoVectors();

  constructor() {
    this.#memory.attach(new WebAssembly.Memory({ initial: size / 65536 }));
    this.#vectors.count = 1;
  }

  /** @returns what was read, valid until the next use, or a negated error number */
  read(system: System, handle: number, length: number): Uint8Array | number {
    this.#limit(length);
    return this.#taken(system.streams.read(handle, this.#memory, this.#vectors));
  }

  readAt(system: System, handle: number, length: number, offset: bigint): Uint8Array | number {
    this.#limit(length);
    return this.#taken(system.streams.readAt(handle, this.#memory, this.#vectors, signed(offset)));
  }

  /** @returns how many bytes were written, or a negated error number */
  writeAt(system: System, handle: number, bytes: Uint8Array, offset: bigint): number {
    this.#fill(bytes);
    return system.streams.writeAt(handle, this.#memory, this.#vectors, signed(offset));
  }

  /** As {@link writeAt}, where the handle's position or its append flag says. */
  write(system: System, handle: number, bytes: Uint8Array): number {
    this.#fill(bytes);
    return system.streams.write(handle, this.#memory, this.#vectors);
  }

  /** As {@link write}, to a connection: no signal is raised where it is gone. */
  send(system: System, handle: number, bytes: Uint8Array): number {
    this.#fill(bytes);
    return system.sockets.send(handle, this.#memory, this.#vectors);
  }

  #fill(bytes: Uint8Array): void {
    const part = bytes.subarray(0, size);
    this.#limit(part.length);
    this.#memory.bytes.set(part);
  }

  #limit(length: number): void {
    this.#vectors.pointers[0] = 0;
    this.#vectors.lengths[0] = Math.min(length, size);
  }

  #taken(count: number): Uint8Array | number {
    return count < 0 ? count : this.#memory.bytes.subarray(0, count);
  }
}

/** The system takes offsets for signed, and refuses those that are negative then. */
function signed(offset: bigint): bigint {
  return BigInt.asIntN(64, offset);
}
