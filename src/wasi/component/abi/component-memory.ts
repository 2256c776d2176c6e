import { GuestMemory } from '../../guest-memory.ts';
import { GuestTrap } from './guest-trap.ts';

const pageBits = 12;
/** Up to so many bytes, seeing that a string is ASCII takes less time than decoding it. */
const shortString = 256;
const ascii = /^[\0-\x7f]*$/;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * A guest's memory as the canonical ABI reads and writes it: what is out of bounds is a trap, and
 * writes mark their 4 KiB pages where the instance is reset after use.
 */
export class ComponentMemory {
  /** The memory as the system's ports take it; {@link mark} what they are going to write. */
  readonly linear = new GuestMemory();
  readonly #dirty: Uint8Array | undefined;

  constructor(memory: WebAssembly.Memory, dirtyMap?: WebAssembly.Memory) {
    this.linear.attach(memory);
    this.#dirty = dirtyMap && new Uint8Array(dirtyMap.buffer);
  }

  /** The bytes at `pointer`, in place: copy what must outlive the call. */
  slice(pointer: number, length: number): Buffer {
    this.#check(pointer, length);
    return this.linear.bytes.subarray(pointer, pointer + length);
  }

  string(pointer: number, length: number): string {
    this.#check(pointer, length);
    const { bytes } = this.linear;
    if (length <= shortString) {
      const text = bytes.toString('latin1', pointer, pointer + length);
      if (ascii.test(text)) return text;
    }
    try {
      return utf8.decode(bytes.subarray(pointer, pointer + length));
    } catch (cause) {
      throw new GuestTrap('Cannot read a string: it is not UTF-8', { cause });
    }
  }

  u8(pointer: number): number {
    this.#check(pointer, 1);
    return this.linear.view.getUint8(pointer);
  }

  u16(pointer: number): number {
    this.#check(pointer, 2);
    return this.linear.view.getUint16(pointer, true);
  }

  u32(pointer: number): number {
    this.#check(pointer, 4);
    return this.linear.view.getUint32(pointer, true);
  }

  u64(pointer: number): bigint {
    this.#check(pointer, 8);
    return this.linear.view.getBigUint64(pointer, true);
  }

  write(pointer: number, source: Uint8Array): void {
    this.mark(pointer, source.length);
    this.linear.bytes.set(source, pointer);
  }

  /** Writes `text`, which takes `length` bytes as UTF-8. */
  writeString(pointer: number, text: string, length: number): void {
    this.mark(pointer, length);
    this.linear.bytes.write(text, pointer, length, 'utf8');
  }

  setU8(pointer: number, value: number): void {
    this.mark(pointer, 1);
    this.linear.view.setUint8(pointer, value);
  }

  setU16(pointer: number, value: number): void {
    this.mark(pointer, 2);
    this.linear.view.setUint16(pointer, value, true);
  }

  setU32(pointer: number, value: number): void {
    this.mark(pointer, 4);
    this.linear.view.setUint32(pointer, value, true);
  }

  setU64(pointer: number, value: bigint): void {
    this.mark(pointer, 8);
    this.linear.view.setBigUint64(pointer, value, true);
  }

  /** Checks a range that is about to be written, and marks its pages. */
  mark(pointer: number, length: number): void {
    this.#check(pointer, length);
    const dirty = this.#dirty;
    if (dirty === undefined || length === 0) return;
    const last = (pointer + length - 1) >>> pageBits;
    for (let page = pointer >>> pageBits; page <= last; page++) dirty[page] = 1;
  }

  #check(pointer: number, length: number): void {
    if (this.linear.covers(pointer, length)) return;
    throw new GuestTrap(`Cannot access ${length} bytes at ${pointer}: out of bounds`);
  }
}
