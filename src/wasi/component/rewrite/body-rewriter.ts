import { skipValueType } from '../binary/core-types.ts';
import { Reader } from '../binary/reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { type MemoryInstruction, scanInstruction } from './instruction-scanner.ts';
import { storeShape } from './instruction-table.ts';
import { writeMark } from './mark-page.ts';
import type { MemoryHelpers } from './memory-helpers.ts';
import { OperandOrigins } from './operand-origins.ts';
import { PageMarks } from './page-marks.ts';
import { UnresettableModule } from './unresettable-module.ts';

type Store = Extract<MemoryInstruction, { kind: 'store' }>;

export interface BodyRewriterInit {
  readonly helpers: MemoryHelpers;
  /** The memory of the marks. */
  readonly dirtyMap: number;
  /** Whether the memory's size is another module's and virtual. */
  readonly foreignSize: boolean;
}

const [firstLocalInstruction, lastLocalInstruction] = [0x20, 0x22];

/**
 * Rewrites a function's body. A store whose address is a local, as nine of ten are, marks its page beforehand, unless
 * that has been done; other instructions become calls of helpers.
 */
export class BodyRewriter {
  readonly #init: BodyRewriterInit;
  readonly #origins = new OperandOrigins();
  readonly #marks = new PageMarks();

  constructor(init: BodyRewriterInit) {
    this.#init = init;
  }

  /** @param reader over the body alone */
  rewrite(reader: Reader, out: ByteWriter): void {
    let copied = reader.position;
    const copyTo = (end: number) => {
      out.bytes(reader.bytes.subarray(copied, end));
      copied = end;
    };
    reader.list(skipLocals);
    while (!reader.done) {
      const start = reader.position;
      const opcode = reader.peek();
      const instruction = scanInstruction(reader);
      if (instruction !== undefined && !this.#isMarked(instruction)) {
        copyTo(start);
        if (this.#replace(instruction, out)) copied = reader.position;
      }
      this.#origins.pass(opcode, localOf(opcode, start, reader));
      this.#marks.pass(opcode);
    }
    copyTo(reader.end);
  }

  #isMarked(instruction: MemoryInstruction): boolean {
    if (instruction.kind !== 'store') return false;
    const address = this.#addressOf(instruction);
    return (
      address !== undefined &&
      this.#marks.cover(address, instruction.offset, storeShape(instruction.opcode).size)
    );
  }

  /** @returns false where the instruction itself is still to come */
  #replace(instruction: MemoryInstruction, out: ByteWriter): boolean {
    const { helpers, dirtyMap, foreignSize } = this.#init;
    if (foreignSize) refuseSize(instruction);
    if (instruction.kind === 'store') {
      const { offset } = instruction;
      const address = this.#addressOf(instruction);
      if (address !== undefined && this.#origins.isNow(address)) {
        writeMark(out, { local: address.local, offset, dirtyMap });
        this.#marks.add(address, offset);
        return false;
      }
    }
    return helpers.replace(instruction, out);
  }

  #addressOf({ opcode }: Store) {
    // Of vector instructions it is not known which operands they take.
    return opcode > 0xff ? undefined : this.#origins.operand(1);
  }
}

function localOf(opcode: number, start: number, reader: Reader): number {
  if (opcode < firstLocalInstruction || opcode > lastLocalInstruction) return 0;
  const index = reader.bytes[start + 1] ?? 0;
  return index < 0x80 ? index : new Reader(reader.bytes, start + 1, reader.end).u32();
}

function refuseSize(instruction: MemoryInstruction): void {
  if (instruction.kind !== 'size' && instruction.kind !== 'grow') return;
  throw new UnresettableModule('shared-growth', 'two modules grow one memory');
}

function skipLocals(reader: Reader): void {
  reader.u32();
  skipValueType(reader);
}
