import type { CoreInterface } from './core-interface.ts';
import { sectionId } from './core-module.ts';
import { Reader } from './reader.ts';

/** A function's type as in the binary: a byte for each parameter and result, 0x7f for i32 say. */
export interface FunctionType {
  readonly parameters: Uint8Array;
  readonly results: Uint8Array;
}

const functionForm = 0x60;

/**
 * The types of a core module by their index.
 *
 * @returns undefined where one is not of a function, or takes or returns references by their type
 */
export function readFunctionTypes(
  bytes: Uint8Array,
  { sections }: Pick<CoreInterface, 'sections'>,
): FunctionType[] | undefined {
  const section = sections.find(({ id }) => id === sectionId.type);
  if (section === undefined) return [];
  const reader = new Reader(bytes, section.start, section.end);
  const types: FunctionType[] = [];
  for (let left = reader.count(); left > 0; left--) {
    if (reader.byte() !== functionForm) return undefined;
    const [parameters, results] = [reader.take(reader.count()), reader.take(reader.count())];
    if (parameters.some(isLongType) || results.some(isLongType)) return undefined;
    types.push({ parameters, results });
  }
  return types;
}

/** Whether more bytes belong to a value's type, which names a heap type then. */
export function isLongType(type: number): boolean {
  return type === 0x63 || type === 0x64;
}
