import type { ComponentInstance } from '../link/component-instance.ts';
import {
  dirtyMapExport,
  globalExportPrefix,
  ownMemoryExport,
  pagesExport,
} from '../rewrite/rewriter.ts';
import { MemorySnapshot, pageSize } from './memory-snapshot.ts';

/** What a memory may have grown by and still be kept, in bytes; more goes back to the machine. */
const largestKeptGrowth = 64 * 1024 * 1024;

/**
 * The state of an instance after its instantiation, to which {@link restore} takes it back: its
 * memories, by the pages that were written, and its mutable globals. Tables cannot have changed,
 * the rewriter made sure of that.
 */
export class ResetPoint {
  readonly #memories: readonly MemoryReset[];
  readonly #globals: readonly GlobalReset[];

  /**
   * @param like another instance's reset point, whose copies of the memories are shared where they
   *   are the same, as after a deterministic start they are
   */
  constructor(instance: ComponentInstance, like?: ResetPoint) {
    const exports = instance.coreInstances.map((core) => core.exports);
    const memories = exports.flatMap((names) => findMemory(names) ?? []);
    this.#memories = memories.map(
      (found, index) =>
        new MemoryReset(found, like === undefined ? undefined : like.#memories[index]),
    );
    this.#globals = exports.flatMap((names) =>
      Object.entries(names)
        .filter(([name]) => name.startsWith(globalExportPrefix))
        .map(([, value]) => new GlobalReset(asGlobal(value))),
    );
  }

  /** Whether restoring is exact: JavaScript does not keep the bits of a NaN. */
  get isExact(): boolean {
    return this.#globals.every((global) => global.isExact);
  }

  /** @returns whether the instance is as it was; if not, it must not be used again */
  restore(): boolean {
    for (const memory of this.#memories) if (!memory.restore()) return false;
    for (const global of this.#globals) global.restore();
    return true;
  }
}

class MemoryReset {
  readonly #memory: WebAssembly.Memory;
  readonly #growthIsVirtual: boolean;
  readonly #wholeMap: Buffer;
  readonly #original: MemorySnapshot;
  #bytes: Buffer;
  /** As much of the map as there are pages: searching all of it would take longer than the request. */
  #map: Buffer;

  constructor({ memory, map, growthIsVirtual }: FoundMemory, like: MemoryReset | undefined) {
    this.#memory = memory;
    this.#growthIsVirtual = growthIsVirtual;
    this.#wholeMap = Buffer.from(map.buffer);
    this.#bytes = Buffer.from(memory.buffer);
    this.#map = this.#mapOfPages().fill(0);
    const shared = like === undefined ? undefined : like.#original;
    this.#original = shared?.isOf(this.#bytes) ? shared : new MemorySnapshot(this.#bytes);
  }

  restore(): boolean {
    if (this.#bytes.length === 0) this.#followGrowth();
    const grown = this.#bytes.length - this.#original.length;
    if (grown > (this.#growthIsVirtual ? largestKeptGrowth : 0)) return false;
    for (let page = this.#map.indexOf(1); page >= 0; page = this.#map.indexOf(1, page + 1)) {
      this.#original.restore(this.#bytes, page);
      this.#map[page] = 0;
    }
    return true;
  }

  #followGrowth(): void {
    this.#bytes = Buffer.from(this.#memory.buffer);
    this.#map = this.#mapOfPages();
  }

  #mapOfPages(): Buffer {
    return this.#wholeMap.subarray(0, this.#bytes.length / pageSize); // which may be 2³² / 2¹²
  }
}

class GlobalReset {
  readonly #global: WebAssembly.Global;
  readonly #value: unknown;

  constructor(global: WebAssembly.Global) {
    this.#global = global;
    this.#value = global.value;
  }

  get isExact(): boolean {
    return !Number.isNaN(this.#value);
  }

  restore(): void {
    this.#global.value = this.#value;
  }
}

interface FoundMemory {
  readonly memory: WebAssembly.Memory;
  readonly map: WebAssembly.Memory;
  /** Whether a size that the guest has grown its memory to can be taken back. */
  readonly growthIsVirtual: boolean;
}

function findMemory(exports: WebAssembly.Exports): FoundMemory | undefined {
  const map = exports[dirtyMapExport];
  const memory = exports[ownMemoryExport];
  if (!(map instanceof WebAssembly.Memory) || !(memory instanceof WebAssembly.Memory)) {
    return undefined;
  }
  return { memory, map, growthIsVirtual: exports[pagesExport] !== undefined };
}

function asGlobal(value: unknown): WebAssembly.Global {
  if (value instanceof WebAssembly.Global) return value;
  throw new TypeError('Cannot reset an export: it is no global');
}
