import { errnoName } from '../errno.ts';
import { Preview1Host, type Preview1Init } from '../preview1/host.ts';
import { preview1Module } from '../preview1/imports.ts';
import { preview1Parameters } from '../preview1/signatures.ts';
import type { System } from '../system/system.ts';
import { wat } from './wat.ts';

/** The parameters of every function, `i` for i32 and `I` for i64. */
export const signatures = { ...preview1Parameters, proc_exit: 'i' } as const;

export type FunctionName = keyof typeof signatures;

const pageSize = 65536;
const pathsAt = 60_000;

/**
 * A guest that does nothing by itself: a test calls the host's functions through it, with the
 * conversions that WebAssembly makes, and looks at its memory, one page that may grow to four.
 */
export class GuestProbe implements Disposable {
  readonly size = pageSize;
  readonly #host: Preview1Host;
  readonly #memory: WebAssembly.Memory;
  readonly #exports: WebAssembly.Exports;

  constructor(system: System, init: Preview1Init = {}, importModule = preview1Module) {
    this.#host = new Preview1Host({ system }, init);
    this.#exports = this.#host.instantiate(probeModule(importModule)).exports;
    if (!(this.#exports.memory instanceof WebAssembly.Memory)) throw new Error('Probe: no memory');
    this.#memory = this.#exports.memory;
  }

  /** Calls a function of the host. @returns the name of its error number, `success` if none */
  call(name: FunctionName, ...args: (number | bigint)[]): string {
    const exported = this.#exports[name];
    if (typeof exported !== 'function') throw new Error(`Probe: no ${name}`);
    const types = signatures[name];
    const given = args.map((arg, index) => (types[index] === 'I' ? BigInt(arg) : arg));
    return errnoName(exported(...given));
  }

  /** Calls a function that takes paths: each string stands for a pointer and a length. */
  callPath(name: FunctionName, ...args: (number | bigint | string | Uint8Array)[]): string {
    let at = pathsAt;
    const given = args.flatMap((arg) => {
      if (typeof arg === 'number' || typeof arg === 'bigint') return [arg];
      const bytes = Buffer.from(arg);
      this.put(at, bytes);
      at += bytes.length;
      return [at - bytes.length, bytes.length];
    });
    return this.call(name, ...given);
  }

  /** Opens a file, with all rights that its directory lets inherit. @returns its descriptor */
  open(path: string, how: { fd?: number; flags?: number; rights?: bigint; fdFlags?: number } = {}) {
    const { fd = 3, flags = 0, rights = 0x2n, fdFlags = 0 } = how;
    const result = this.callPath('path_open', fd, 1, path, flags, rights, 0n, fdFlags, 0);
    if (result !== 'success') throw new Error(`Probe: open '${path}': ${result}`);
    return this.u32(0);
  }

  put(pointer: number, bytes: string | Uint8Array): void {
    this.bytes.set(Buffer.from(bytes), pointer);
  }

  putU32(pointer: number, ...values: number[]): void {
    for (const [index, value] of values.entries()) {
      this.bytes.writeUInt32LE(value, pointer + index * 4);
    }
  }

  u16(pointer: number): number {
    return this.bytes.readUInt16LE(pointer);
  }

  u32(pointer: number): number {
    return this.bytes.readUInt32LE(pointer);
  }

  u64(pointer: number): bigint {
    return this.bytes.readBigUInt64LE(pointer);
  }

  text(pointer: number, length: number): string {
    return this.bytes.toString('utf8', pointer, pointer + length);
  }

  grow(pages: number): void {
    this.#memory.grow(pages);
  }

  get bytes(): Buffer {
    return Buffer.from(this.#memory.buffer);
  }

  [Symbol.dispose](): void {
    this.#host[Symbol.dispose]();
  }
}

/** Imports every function and exports it again. */
function probeModule(from: string): WebAssembly.Module {
  const names = Object.entries(signatures).filter(
    ([name]) => from === preview1Module || name !== 'sock_accept',
  );
  const functions = names.map(([name, types]) => {
    const parameters = [...types].map((type) => (type === 'I' ? 'i64' : 'i32')).join(' ');
    const result = name === 'proc_exit' ? '' : '(result i32)';
    return {
      imported: `(import "${from}" "${name}" (func $${name} (param ${parameters}) ${result}))`,
      exported: `(func (export "${name}") (param ${parameters}) ${result}
        ${[...types].map((_, index) => `(local.get ${index})`).join(' ')} (call $${name}))`,
    };
  });
  return wat(`(module ${functions.map(({ imported }) => imported).join('\n')}
    (memory (export "memory") 1 4)
    ${functions.map(({ exported }) => exported).join('\n')})`);
}
