import { operandsOf } from './instruction-table.ts';

/** A local as it was at some place of the code: it has been written to so many times, counted along the text. */
export interface Origin {
  readonly local: number;
  readonly version: number;
}

const localGet = 0x20;
const localSet = 0x21;
const localTee = 0x22;

/**
 * Which operands of the instructions of a function are the value of a local, as far as that shows without types:
 * what is behind a call or the border of a block is not known.
 */
export class OperandOrigins {
  readonly #versions: number[] = [];
  #operands: (Origin | undefined)[] = [];

  /** A local at this place. */
  now(local: number): Origin {
    return { local, version: this.#versions[local] ?? 0 };
  }

  /** Whether a local is still what it was. */
  isNow({ local, version }: Origin): boolean {
    return version === (this.#versions[local] ?? 0);
  }

  /** What the topmost operands but `above` others is. */
  operand(above: number): Origin | undefined {
    return this.#operands.at(-1 - above);
  }

  /** Passes over an instruction that refers to a local, and to another one with the local 0. */
  pass(opcode: number, local: number): void {
    switch (opcode) {
      case localGet:
        this.#operands.push(this.now(local));
        return;
      case localSet:
        this.#operands.pop();
        this.#write(local);
        return;
      case localTee:
        this.#operands.pop();
        this.#write(local);
        this.#operands.push(this.now(local));
        return;
      default:
        this.#passPlain(opcode);
    }
  }

  #write(local: number): void {
    this.#versions[local] = (this.#versions[local] ?? 0) + 1;
  }

  #passPlain(opcode: number): void {
    const operands = operandsOf[opcode];
    if (operands === undefined) {
      this.#operands = [];
      return;
    }
    this.#operands.length = Math.max(0, this.#operands.length - operands.taken);
    if (operands.given > 0) this.#operands.push(undefined);
  }
}
