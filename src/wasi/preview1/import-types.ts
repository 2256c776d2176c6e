import { readCoreInterface } from '../component/binary/core-interface.ts';
import { type FunctionType, readFunctionTypes } from '../component/binary/function-types.ts';
import { hostSignatures, type Signature } from './signatures.ts';

const valueTypes = new Map([
  [0x7f, 'i32'],
  [0x7e, 'i64'],
  [0x7d, 'f32'],
  [0x7c, 'f64'],
  [0x7b, 'v128'],
  [0x70, 'funcref'],
  [0x6f, 'externref'],
]);

/** A function of the host's that a module imports by another type than it has. */
export interface MistypedImport {
  /** As `module.name`. */
  readonly name: string;
  /** As `(i32, i64) -> i32`. */
  readonly imported: string;
  readonly provided: string;
}

/**
 * Finds the imports that could be linked, as JavaScript takes any number of any values, and would go
 * wrong when they are called.
 *
 * @param bytes a valid module
 */
export function mistypedImports(bytes: Uint8Array): MistypedImport[] {
  const core = readCoreInterface(bytes);
  const types = readFunctionTypes(bytes, core);
  if (types === undefined) return [];
  return core.imports.flatMap(({ module, name, functionType }) => {
    const signature = hostSignatures.get(module)?.get(name);
    const type = functionType === undefined ? undefined : types[functionType];
    if (signature === undefined || type === undefined) return [];
    const [imported, provided] = [describe(signatureOf(type)), describe(signature)];
    return imported === provided ? [] : [{ name: `${module}.${name}`, imported, provided }];
  });
}

/**
 * Finds the imports that no preview of WASI before 0.2 has, as `module.name`: with one of them a module
 * cannot start.
 *
 * @param bytes a valid module
 */
export function missingImports(bytes: Uint8Array): string[] {
  return readCoreInterface(bytes)
    .imports.filter(
      ({ module, name, functionType }) =>
        functionType === undefined || hostSignatures.get(module)?.has(name) !== true,
    )
    .map(({ module, name }) => `${module}.${name}`);
}

function signatureOf({ parameters, results }: FunctionType): Signature {
  return { parameters: Array.from(parameters, nameOf), results: Array.from(results, nameOf) };
}

function nameOf(type: number): string {
  return valueTypes.get(type) ?? `0x${type.toString(16)}`;
}

function describe({ parameters, results }: Signature): string {
  return `(${parameters.join(', ')}) -> ${results.length === 1 ? results[0] : `(${results.join(', ')})`}`;
}
