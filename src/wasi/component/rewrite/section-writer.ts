import { type CoreSection, sectionId } from '../binary/core-module.ts';
import { Reader } from '../binary/reader.ts';
import type { ByteWriter } from './byte-writer.ts';

/** Writes one item of a section. */
export type WriteItem = (out: ByteWriter) => void;

/** The order in which a module's sections must come. */
export const sectionOrder: readonly number[] = [
  sectionId.type,
  sectionId.import,
  sectionId.function,
  sectionId.table,
  sectionId.memory,
  sectionId.tag,
  sectionId.global,
  sectionId.export,
  sectionId.start,
  sectionId.element,
  sectionId.dataCount,
  sectionId.code,
  sectionId.data,
];

export function writeSection(out: ByteWriter, id: number, contents: () => void): void {
  out.byte(id);
  out.sized(contents);
}

/** Writes the type of a function; each number is a value's type as binary. */
export function writeFunctionType(
  parameters: readonly number[],
  results: readonly number[],
): WriteItem {
  return (out) => {
    out.byte(0x60);
    out.u32(parameters.length);
    out.bytes(parameters);
    out.u32(results.length);
    out.bytes(results);
  };
}

/** Writes sections of a module as they are, or with more items. */
export class SectionWriter {
  readonly #bytes: Uint8Array;
  readonly #sections: readonly CoreSection[];
  readonly #out: ByteWriter;

  constructor(bytes: Uint8Array, sections: readonly CoreSection[], out: ByteWriter) {
    this.#bytes = bytes;
    this.#sections = sections;
    this.#out = out;
  }

  /** Writes section `id` with `items` behind those it has; a section that would be empty is left out. */
  extend(id: number, items: readonly WriteItem[]): void {
    const section = this.#sections.find((candidate) => candidate.id === id);
    if (section === undefined && items.length === 0) return;
    writeSection(this.#out, id, () => {
      const reader = section && new Reader(this.#bytes, section.start, section.end);
      const count = reader === undefined ? 0 : reader.u32();
      this.#out.u32(count + items.length);
      if (reader !== undefined) this.#out.bytes(reader.take(reader.end - reader.position));
      for (const write of items) write(this.#out);
    });
  }

  copy(id: number): void {
    for (const section of this.#sections) if (section.id === id) this.#copySection(section);
  }

  /** Writes the names of functions; what other custom sections say of the code is no longer true. */
  copyNames(): void {
    for (const section of this.#sections) {
      if (section.id === sectionId.custom && section.name === 'name') this.#copySection(section);
    }
  }

  #copySection({ id, start, end }: CoreSection): void {
    writeSection(this.#out, id, () => this.#out.bytes(this.#bytes.subarray(start, end)));
  }
}
