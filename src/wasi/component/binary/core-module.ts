import { readPreamble } from './preamble.ts';
import { Reader } from './reader.ts';

/** One section of a core module; `start` is where its contents begin in the module's bytes. */
export interface CoreSection {
  readonly id: number;
  readonly start: number;
  readonly end: number;
  /** The name of a custom section. */
  readonly name?: string;
}

/** The numbers of core WebAssembly's sections. */
export const sectionId = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
  tag: 13,
} as const;

/** The sections of a core module, in the order of the file. */
export function readCoreSections(bytes: Uint8Array): CoreSection[] {
  const reader = new Reader(bytes);
  readPreamble(reader, 'core-module');
  const sections: CoreSection[] = [];
  while (!reader.done) {
    const id = reader.byte();
    const body = reader.section(reader.u32());
    const section = { id, start: body.position, end: body.end };
    sections.push(id === sectionId.custom ? { ...section, name: body.name() } : section);
  }
  return sections;
}
