import { mistypedImports } from '../../wasi/preview1/import-types.ts';

/** A module that no container could run. */
export class InvalidModule extends Error {
  override readonly name = 'InvalidModule';
}

/**
 * Compiles a module, so that V8 checks all of it, and looks for what a program needs. V8 does not
 * compare the types of what it imports, as any function of JavaScript's fits any.
 *
 * @throws {InvalidModule} that says what is wrong with the module, without its name
 */
export function validateModule(bytes: Uint8Array<ArrayBuffer>): void {
  const module = compile(bytes);
  demandStart(module);
  const [wrong] = mistypedImports(bytes);
  if (wrong === undefined) return;
  const { name, imported, provided } = wrong;
  throw new InvalidModule(`it imports '${name}' as ${imported}, and its type is ${provided}`);
}

function demandStart(module: WebAssembly.Module): void {
  const exports = WebAssembly.Module.exports(module);
  if (exports.some(({ name, kind }) => name === '_start' && kind === 'function')) return;
  const reactor = exports.some(({ name }) => name === '_initialize');
  throw new InvalidModule(
    reactor
      ? "it has no function '_start': it is a library (a reactor), not a program"
      : "it has no function '_start': build it as a program, not as a library",
  );
}

function compile(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes);
  } catch (cause) {
    const detail = cause instanceof Error ? withoutPrefix(cause.message) : String(cause);
    throw new InvalidModule(`it is no valid WebAssembly module${hintFor(detail)}: ${detail}`);
  }
}

function withoutPrefix(message: string): string {
  return message.replace(/^WebAssembly\.\w+\(\): /, '');
}

function hintFor(detail: string): string {
  if (/fell off end|reached end|extends past end|expected \d+ bytes|unexpected end/.test(detail)) {
    return ', it seems to be truncated';
  }
  if (
    /--experimental-wasm|invalid (?:numeric )?opcode|invalid value type|invalid memory limits flags|unknown .*section/i.test(
      detail,
    )
  ) {
    return ', or needs a proposal that V8 does not support';
  }
  return '';
}
