import type {
  BuiltIn,
  CanonicalOptions,
  CoreFunctionDefinition,
  FunctionDefinition,
} from './component.ts';
import { readResult } from './component-types.ts';
import type { Reader } from './reader.ts';

/** A definition of the canonical ABI: it makes a component function or a core function. */
export type CanonicalDefinition =
  | { readonly makes: 'function'; readonly definition: FunctionDefinition }
  | { readonly makes: 'core function'; readonly definition: CoreFunctionDefinition };

/** What follows the opcode of a built-in. */
type Immediate = 'type' | 'memory' | 'slot' | 'async' | 'options' | 'byte' | 'index' | 'results';

/** The built-ins of the asynchronous component model: their names, and what follows the opcode. */
const builtIns = new Map<number, readonly [name: string, ...immediates: Immediate[]]>([
  [0x05, ['task.cancel']],
  [0x06, ['subtask.cancel', 'async']],
  [0x08, ['backpressure.set']],
  [0x09, ['task.return', 'results', 'options']],
  [0x0a, ['context.get', 'byte', 'slot']],
  [0x0b, ['context.set', 'byte', 'slot']],
  [0x0c, ['thread.yield', 'byte']],
  [0x0d, ['subtask.drop']],
  [0x0e, ['stream.new', 'type']],
  [0x0f, ['stream.read', 'type', 'options']],
  [0x10, ['stream.write', 'type', 'options']],
  [0x11, ['stream.cancel-read', 'type', 'async']],
  [0x12, ['stream.cancel-write', 'type', 'async']],
  [0x13, ['stream.drop-readable', 'type']],
  [0x14, ['stream.drop-writable', 'type']],
  [0x15, ['future.new', 'type']],
  [0x16, ['future.read', 'type', 'options']],
  [0x17, ['future.write', 'type', 'options']],
  [0x18, ['future.cancel-read', 'type', 'async']],
  [0x19, ['future.cancel-write', 'type', 'async']],
  [0x1a, ['future.drop-readable', 'type']],
  [0x1b, ['future.drop-writable', 'type']],
  [0x1c, ['error-context.new', 'options']],
  [0x1d, ['error-context.debug-message', 'options']],
  [0x1e, ['error-context.drop']],
  [0x1f, ['waitable-set.new']],
  [0x20, ['waitable-set.wait', 'byte', 'memory']],
  [0x21, ['waitable-set.poll', 'byte', 'memory']],
  [0x22, ['waitable-set.drop']],
  [0x23, ['waitable.join']],
  [0x24, ['backpressure.inc']],
  [0x25, ['backpressure.dec']],
  [0x26, ['thread.index']],
  [0x27, ['thread.new-indirect', 'index', 'index']],
  [0x28, ['thread.resume-later']],
  [0x29, ['thread.suspend', 'byte']],
  [0x2a, ['thread.suspend-then-resume', 'byte']],
  [0x2b, ['thread.yield-then-resume', 'byte']],
  [0x2c, ['thread.suspend-then-promote', 'byte']],
  [0x2d, ['thread.yield-then-promote', 'byte']],
  [0x40, ['thread.spawn-ref', 'byte', 'index']],
  [0x41, ['thread.spawn-indirect', 'byte', 'index', 'index']],
  [0x42, ['thread.available-parallelism', 'byte']],
]);

export function readCanonicalDefinition(reader: Reader): CanonicalDefinition {
  const opcode = reader.byte();
  switch (opcode) {
    case 0x00:
      return { makes: 'function', definition: readLift(reader) };
    case 0x01:
      return { makes: 'core function', definition: readLower(reader) };
    case 0x02:
      return { makes: 'core function', definition: { kind: 'resource.new', type: reader.u32() } };
    case 0x03:
      return { makes: 'core function', definition: { kind: 'resource.drop', type: reader.u32() } };
    case 0x04:
      return { makes: 'core function', definition: { kind: 'resource.rep', type: reader.u32() } };
    default:
      return { makes: 'core function', definition: readBuiltIn(reader, opcode) };
  }
}

function readLift(reader: Reader): FunctionDefinition {
  if (reader.byte() !== 0) reader.fail('an unknown kind of lift');
  const coreFunction = reader.u32();
  const options = readOptions(reader);
  return { kind: 'lift', coreFunction, options, type: reader.u32() };
}

function readLower(reader: Reader): CoreFunctionDefinition {
  if (reader.byte() !== 0) reader.fail('an unknown kind of lower');
  return { kind: 'lower', function: reader.u32(), options: readOptions(reader) };
}

function readBuiltIn(reader: Reader, opcode: number): BuiltIn {
  const found = builtIns.get(opcode);
  if (found === undefined) reader.fail(`an unknown canonical built-in 0x${opcode.toString(16)}`);
  const [name, ...immediates] = found;
  const builtIn: Mutable<BuiltIn> = { kind: 'built-in', name };
  for (const immediate of immediates) readImmediate(reader, immediate, builtIn);
  return builtIn;
}

function readImmediate(reader: Reader, immediate: Immediate, builtIn: Mutable<BuiltIn>): void {
  switch (immediate) {
    case 'type':
    case 'memory':
    case 'slot':
      builtIn[immediate] = reader.u32();
      return;
    case 'async':
      builtIn.async = reader.byte() !== 0;
      return;
    case 'options':
      builtIn.options = readOptions(reader);
      builtIn.async = builtIn.options.async;
      return;
    case 'byte':
      reader.byte();
      return;
    case 'index':
      reader.u32();
      return;
    case 'results': {
      const result = readResult(reader);
      if (result !== undefined) builtIn.result = result;
      return;
    }
    default:
      immediate satisfies never;
  }
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

function readOptions(reader: Reader): CanonicalOptions {
  const options: Mutable<CanonicalOptions> = { encoding: 'utf8', async: false };
  for (let left = reader.count(); left > 0; left--) readOption(reader, options);
  return options;
}

function readOption(reader: Reader, options: Mutable<CanonicalOptions>): void {
  const opcode = reader.byte();
  switch (opcode) {
    case 0x00:
      return;
    case 0x01:
      options.encoding = 'utf16';
      return;
    case 0x02:
      options.encoding = 'latin1+utf16';
      return;
    case 0x03:
      options.memory = reader.u32();
      return;
    case 0x04:
      options.realloc = reader.u32();
      return;
    case 0x05:
      options.postReturn = reader.u32();
      return;
    case 0x06:
      options.async = true;
      return;
    case 0x07:
      options.callback = reader.u32();
      return;
    default:
      reader.fail(`an unknown canonical option 0x${opcode.toString(16)}`);
  }
}
