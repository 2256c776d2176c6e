import { type FileHandle, open } from 'node:fs/promises';
import { checkModule } from '../artifact/check-module.ts';
import { malformed } from './byte-reader.ts';

/** A core module, or a component made of modules. */
export type WasmKind = 'module' | 'component';

/** A section's id and where its content is in the file. */
export interface Section {
  readonly id: number;
  readonly offset: number;
  readonly size: number;
}

const preambleBytes = 8;
/** An id and the longest size. */
const maxHeaderBytes = 6;
/** Imports and exports of the largest programs take a few hundred kilobytes. */
const maxSectionBytes = 16 * 1024 * 1024;

/** A WebAssembly file whose sections are read one by one, so that its size does not matter. */
export class WasmFile implements AsyncDisposable {
  readonly kind: WasmKind;
  readonly #handle: FileHandle;
  readonly #size: number;

  constructor(kind: WasmKind, handle: FileHandle, size: number) {
    this.kind = kind;
    this.#handle = handle;
    this.#size = size;
  }

  /** @throws OciError `InvalidModule` */
  static async open(file: string): Promise<WasmFile> {
    await checkModule(file, `'${file}'`);
    const handle = await open(file);
    try {
      const { buffer, bytesRead } = await handle.read(
        Buffer.alloc(preambleBytes),
        0,
        preambleBytes,
        0,
      );
      const { size } = await handle.stat();
      return new WasmFile(kindOf(buffer.subarray(0, bytesRead)), handle, size);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async *sections(): AsyncGenerator<Section> {
    let position = preambleBytes;
    while (position < this.#size) {
      const section = await this.#sectionAt(position);
      yield section;
      position = section.offset + section.size;
    }
  }

  async read({ offset, size }: Section): Promise<Uint8Array> {
    if (size > maxSectionBytes) throw malformed(`a section of names has ${size} bytes`);
    const { buffer } = await this.#handle.read(Buffer.alloc(size), 0, size, offset);
    return buffer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }

  async #sectionAt(position: number): Promise<Section> {
    const header = Buffer.alloc(maxHeaderBytes);
    const { bytesRead } = await this.#handle.read(header, 0, maxHeaderBytes, position);
    let size = 0;
    for (let index = 1; index < bytesRead; index++) {
      const byte = header[index] ?? 0;
      size += (byte & 0x7f) * 2 ** (7 * (index - 1));
      if (byte >= 0x80) continue;
      const offset = position + index + 1;
      if (offset + size > this.#size) throw malformed('it is cut off');
      return { id: header[0] ?? 0, offset, size };
    }
    throw malformed('it is cut off');
  }
}

/** The second half of the preamble is a version and a layer: 1 and 0 for core modules. */
function kindOf(preamble: Buffer): WasmKind {
  const [version, layer] = [preamble[4], preamble[6]];
  if (preamble.length === preambleBytes && layer === 1) return 'component';
  if (preamble.length === preambleBytes && layer === 0 && version === 1) return 'module';
  throw malformed(`its version is unknown: ${preamble.toString('hex', 4)}`);
}
