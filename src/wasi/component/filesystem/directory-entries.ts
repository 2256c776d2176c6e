import { Resource } from '../abi/resource.ts';
import { error, ok, type Result } from '../abi/variants.ts';
import type { Descriptor } from './descriptor.ts';
import { type ErrorCode, errorCodeOf } from './error-code.ts';
import { type DescriptorType, descriptorTypeOf } from './stat.ts';

export interface DirectoryEntry {
  readonly type: DescriptorType;
  readonly name: string;
}

/** How many entries are asked of the system at once. */
const batchSize = 64;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** `wasi:filesystem/types.directory-entry-stream`. */
export class DirectoryEntryStream extends Resource {
  readonly #directory: Descriptor;
  #cookie = 0n;
  #ended = false;
  #batch: DirectoryEntry[] = [];

  constructor(directory: Descriptor) {
    super();
    this.#directory = directory;
    directory.retain();
  }

  /** The next entry but for `.` and `..`, undefined at the end. */
  next(): Result<DirectoryEntry | undefined, ErrorCode> {
    while (this.#batch.length === 0 && !this.#ended) {
      const failure = this.#fetch();
      if (failure !== 0) return error(errorCodeOf(failure));
    }
    return ok(this.#batch.shift());
  }

  override drop(): void {
    this.#directory.release();
  }

  #fetch(): number {
    const { system, handle, init } = this.#directory;
    let visited = 0;
    const failure = system.directories.entries(handle, this.#cookie, ({ name, next, type }) => {
      this.#cookie = next;
      visited++;
      const text = decode(name);
      const hidden = init.onlyFile !== undefined || text === '.' || text === '..';
      if (text !== undefined && !hidden) {
        this.#batch.push({ type: descriptorTypeOf(type), name: text });
      }
      return visited < batchSize;
    });
    this.#ended = failure === 0 && visited < batchSize;
    return failure;
  }
}

/** A name that is not UTF-8 cannot be passed to a guest, nor could the guest open it. */
function decode(name: Uint8Array): string | undefined {
  try {
    return utf8.decode(name);
  } catch {
    return undefined;
  }
}
