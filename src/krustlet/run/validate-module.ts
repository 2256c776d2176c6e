import { readFile } from 'node:fs/promises';

/**
 * Compiles a module, so that V8 checks all of it, and looks for what a program needs.
 *
 * @throws {Error} that says what is wrong with the module, without its name
 */
export async function validateModule(file: string): Promise<void> {
  const module = await compile(file);
  const exports = WebAssembly.Module.exports(module);
  if (exports.some(({ name, kind }) => name === '_start' && kind === 'function')) return;
  const reactor = exports.some(({ name }) => name === '_initialize');
  throw new Error(
    reactor
      ? "it has no function '_start': it is a library (a reactor), not a program"
      : "it has no function '_start': build it as a program, not as a library",
  );
}

async function compile(file: string): Promise<WebAssembly.Module> {
  const bytes = await readFile(file);
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    const detail = cause instanceof Error ? withoutPrefix(cause.message) : String(cause);
    throw new Error(`it is no valid WebAssembly module${hintFor(detail)}: ${detail}`, { cause });
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
    /--experimental-wasm|invalid (?:numeric )?opcode|invalid value type|unknown .*section/i.test(
      detail,
    )
  ) {
    return ', or needs a proposal that V8 does not support';
  }
  return '';
}
