/**
 * Builds a classic BPF program for seccomp, instruction by instruction.
 *
 * https://docs.kernel.org/userspace-api/seccomp_filter.html, `linux/filter.h`
 */
export class BpfProgram {
  readonly #instructions: Instruction[] = [];

  /** Loads 32 bits of `struct seccomp_data` into the accumulator. */
  load(offset: number): this {
    return this.#add({ code: 0x20, jumpTrue: 0, jumpFalse: 0, operand: offset });
  }

  /** Clears in the accumulator all but some bits. */
  mask(bits: number): this {
    return this.#add({ code: 0x54, jumpTrue: 0, jumpFalse: 0, operand: bits });
  }

  /** Compares the accumulator, and skips that many instructions. */
  ifEqual(value: number, skip: Skip): this {
    return this.#branch(0x15, value, skip);
  }

  /** Compares without a sign. */
  ifAtLeast(value: number, skip: Skip): this {
    return this.#branch(0x35, value, skip);
  }

  ifAnyBit(mask: number, skip: Skip): this {
    return this.#branch(0x45, mask, skip);
  }

  /** Ends the program with an action. */
  answer(action: number): this {
    return this.#add({ code: 0x06, jumpTrue: 0, jumpFalse: 0, operand: action });
  }

  get length(): number {
    return this.#instructions.length;
  }

  append(other: BpfProgram): this {
    this.#instructions.push(...other.#instructions);
    return this;
  }

  /** The program as an array of `struct sock_filter`. */
  bytes(): Uint8Array {
    const view = new DataView(new ArrayBuffer(this.#instructions.length * 8));
    for (const [index, instruction] of this.#instructions.entries()) {
      view.setUint16(index * 8, instruction.code, true);
      view.setUint8(index * 8 + 2, instruction.jumpTrue);
      view.setUint8(index * 8 + 3, instruction.jumpFalse);
      view.setUint32(index * 8 + 4, instruction.operand >>> 0, true);
    }
    return new Uint8Array(view.buffer);
  }

  #branch(code: number, operand: number, skip: Skip): this {
    return this.#add({
      code,
      jumpTrue: skip.matches ?? 0,
      jumpFalse: skip.otherwise ?? 0,
      operand,
    });
  }

  #add(instruction: Instruction): this {
    this.#instructions.push(instruction);
    return this;
  }
}

interface Instruction {
  readonly code: number;
  readonly jumpTrue: number;
  readonly jumpFalse: number;
  readonly operand: number;
}

/** How many instructions to skip in each case. @default 0 */
export interface Skip {
  readonly matches?: number;
  readonly otherwise?: number;
}
