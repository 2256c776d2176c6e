import { closeSync, fstatSync, readvSync, writevSync } from 'node:fs';
import { errno } from '../errno.ts';
import type { GuestMemory } from '../guest-memory.ts';
import type { IoVectors } from '../io-vectors.ts';
import { type Streams, whence } from '../system/streams.ts';
import type { Handle } from '../system/system.ts';
import { attempt, attemptNumber } from './attempt.ts';
import type { OpenFile, OpenHandles } from './open-handles.ts';

const maxOffset = 2n ** 63n - 1n;

/** Bytes by `node:fs`, which takes and gives parts of guest memory in place. */
export class PortableStreams implements Streams {
  readonly #handles: OpenHandles;

  constructor(handles: OpenHandles) {
    this.#handles = handles;
  }

  read(handle: Handle, memory: GuestMemory, vectors: IoVectors): number {
    const file = this.#handles.file(handle);
    const done = this.#read(handle, memory, vectors, file?.position);
    if (file !== undefined && done > 0) file.position += BigInt(done);
    return done;
  }

  write(handle: Handle, memory: GuestMemory, vectors: IoVectors): number {
    const file = this.#handles.file(handle);
    if (file?.append) {
      const failure = attempt(() => moveToEnd(handle, file));
      if (failure !== errno.success) return -failure;
    }
    const done = this.#write(handle, memory, vectors, file?.position);
    if (file !== undefined && done > 0) file.position += BigInt(done);
    return done;
  }

  readAt(handle: Handle, memory: GuestMemory, vectors: IoVectors, offset: bigint): number {
    if (this.#isStream(handle)) return -errno.spipe;
    return offset < 0n ? -errno.inval : this.#read(handle, memory, vectors, offset);
  }

  writeAt(handle: Handle, memory: GuestMemory, vectors: IoVectors, offset: bigint): number {
    if (this.#isStream(handle)) return -errno.spipe;
    return offset < 0n ? -errno.inval : this.#write(handle, memory, vectors, offset);
  }

  seek(handle: Handle, offset: bigint, from: number): bigint {
    const file = this.#handles.file(handle);
    if (file === undefined) return BigInt(-errno.spipe);
    const start = { [whence.set]: () => 0n, [whence.cur]: () => file.position }[from];
    const position = (start?.() ?? fstatSync(handle, { bigint: true }).size) + offset;
    if (position < 0n || position > maxOffset) return BigInt(-errno.inval);
    file.position = position;
    return position;
  }

  close(handle: Handle): number {
    const isDirectory = this.#handles.directory(handle) !== undefined;
    this.#handles.remove(handle);
    return isDirectory ? errno.success : attempt(() => closeSync(handle));
  }

  #read(
    handle: Handle,
    memory: GuestMemory,
    vectors: IoVectors,
    position: bigint | undefined,
  ): number {
    if (this.#handles.directory(handle) !== undefined) return -errno.isdir;
    const parts = [...vectors.parts(memory)];
    const at = position === undefined ? undefined : Number(position);
    return attemptNumber(() => readvSync(handle, parts, at));
  }

  #write(
    handle: Handle,
    memory: GuestMemory,
    vectors: IoVectors,
    position: bigint | undefined,
  ): number {
    if (this.#handles.directory(handle) !== undefined) return -errno.badf;
    const parts = [...vectors.parts(memory)];
    const at = position === undefined ? undefined : Number(position);
    return attemptNumber(() => writevSync(handle, parts, at));
  }

  #isStream(handle: Handle): boolean {
    return (
      this.#handles.file(handle) === undefined && this.#handles.directory(handle) === undefined
    );
  }
}

function moveToEnd(handle: Handle, file: OpenFile): void {
  file.position = fstatSync(handle, { bigint: true }).size;
}
