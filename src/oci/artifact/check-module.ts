import { open } from 'node:fs/promises';
import { OciError } from '../errors.ts';

const magic = '\0asm';

const otherFormats: readonly (readonly [start: Buffer, name: string])[] = [
  [Buffer.from('\x7fELF'), 'an ELF program, made for Linux'],
  [Buffer.from([0xcf, 0xfa, 0xed, 0xfe]), 'a Mach-O program, made for macOS'],
  [Buffer.from('MZ'), 'a program made for Windows'],
  [Buffer.from([0x1f, 0x8b]), 'compressed with gzip'],
  [Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), 'compressed with zstd'],
  [Buffer.from('PK\x03\x04'), 'a ZIP archive'],
  [Buffer.from('#!'), 'a script'],
  [Buffer.from('(module'), 'WebAssembly text; assemble it first, with wat2wasm'],
  [Buffer.from('(component'), 'WebAssembly text; assemble it first'],
];

/**
 * Fails unless the file starts as a WebAssembly binary does, and says what it is instead.
 *
 * @throws OciError `InvalidModule`
 */
export async function checkModule(file: string, what: string): Promise<void> {
  const head = await readHead(file);
  if (head.subarray(0, 4).equals(Buffer.from(magic))) return;
  throw new OciError(
    'InvalidModule',
    `read ${what}: not a WebAssembly module: ${nameFormat(head)}`,
  );
}

async function readHead(file: string): Promise<Buffer> {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(16), 0, 16, 0);
  return buffer.subarray(0, bytesRead);
}

function nameFormat(head: Buffer): string {
  if (head.length === 0) return 'it is empty';
  const known = otherFormats.find(([start]) => head.subarray(0, start.length).equals(start));
  return `it is ${known?.[1] ?? `unknown, and starts with ${head.toString('hex', 0, 8)}`}`;
}
