import { ByteWriter } from '../component/rewrite/byte-writer.ts';
import type { Frame, LocalGroup } from './function-body.ts';

export const i32 = 0x7f;
const voidBlock = 0x40;
export const op = {
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  call: 0x10,
  localGet: 0x20,
  localSet: 0x21,
  i32Const: 0x41,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32Sub: 0x6b,
  i32Or: 0x72,
  i32Shl: 0x74,
} as const;

/** The code of one function while it is written: its instructions, its locals and its open labels. */
export class FunctionCode {
  readonly #out = new ByteWriter(256);
  readonly #localTypes: number[];
  /** Frames of the source, or labels that the source does not know. */
  readonly #labels: (Frame | undefined)[] = [];
  /** Where among the labels each frame of the source is, or was. */
  readonly #places = new Map<Frame, number>();

  /** @param localTypes of the parameters first */
  constructor(localTypes: readonly number[]) {
    this.#localTypes = [...localTypes];
  }

  /** The function's body, without its length. */
  body(parameters: number): Uint8Array {
    const declared = this.#localTypes.slice(parameters);
    const code = this.#out.result();
    const out = new ByteWriter(code.length + 16 + 2 * declared.length);
    const groups = inGroups(declared);
    out.u32(groups.length);
    for (const { count, type } of groups) {
      out.u32(count);
      out.byte(type);
    }
    out.bytes(code);
    return out.result();
  }

  get localTypes(): readonly number[] {
    return this.#localTypes;
  }

  newLocal(type: number): number {
    return this.#localTypes.push(type) - 1;
  }

  get(local: number): void {
    this.indexed(op.localGet, local);
  }

  set(local: number): void {
    this.indexed(op.localSet, local);
  }

  getAll(locals: readonly number[]): void {
    for (const local of locals) this.get(local);
  }

  /** Takes values from the stack, of which the last is on top. */
  setAll(locals: readonly number[]): void {
    for (const local of locals.toReversed()) this.set(local);
  }

  /** Opens a block without parameters and results, which the source does not know. */
  open(opcode: number): void {
    this.emit(opcode, voidBlock);
    this.#labels.push(undefined);
  }

  /** A frame of the source that what was written last has opened. */
  label(frame: Frame): void {
    this.#places.set(frame, this.#labels.push(frame) - 1);
  }

  close(): void {
    this.emit(op.end);
    this.#labels.pop();
  }

  /** What a branch to a frame of the source is written with. */
  depthOf(target: Frame): number {
    const index = this.#places.get(target) ?? -1;
    if (this.#labels[index] !== target)
      throw new RangeError('a branch to a label that is not open');
    return this.#labels.length - 1 - index;
  }

  /** What a branch to the outermost label is written with. */
  get outermostDepth(): number {
    return this.#labels.length - 1;
  }

  branchTable(depths: readonly number[]): void {
    this.indexed(op.brTable, depths.length - 1);
    for (const depth of depths) this.#out.u32(depth);
  }

  /** An instruction with an index behind it. */
  indexed(opcode: number, index: number): void {
    this.#out.byte(opcode);
    this.#out.u32(index);
  }

  /** Instructions, with what is behind them in a byte each. */
  emit(...instructions: readonly number[]): void {
    this.#out.bytes(instructions);
  }

  /** Instructions of the source. */
  copy(instructions: Uint8Array): void {
    this.#out.bytes(instructions);
  }
}

function inGroups(types: readonly number[]): readonly LocalGroup[] {
  const groups: { type: number; count: number }[] = [];
  for (const type of types) {
    const last = groups.at(-1);
    if (last?.type === type) last.count++;
    else groups.push({ type, count: 1 });
  }
  return groups;
}
