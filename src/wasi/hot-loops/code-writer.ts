import { ByteWriter } from '../component/rewrite/byte-writer.ts';
import {
  type Frame,
  type FunctionBody,
  type LocalGroup,
  localTypes,
  type Token,
} from './function-body.ts';
import { labelTypes, type MovableLoop } from './movable-loop.ts';

/** A function that a loop has become: one call is some rounds of it. */
export interface MovedLoop {
  readonly parameters: readonly number[];
  readonly results: readonly number[];
  readonly body: Uint8Array;
  /** The types of those results that are carried out of the loop: they come last. */
  readonly carried: readonly number[];
}

export interface CodeWriterComponents {
  readonly bytes: Uint8Array;
  readonly body: FunctionBody;
  /** The loops to be moved, by where they begin. */
  readonly loops: ReadonlyMap<Frame, MovableLoop>;
  /** Makes a function of a loop, once, and says how it is called. */
  readonly move: (loop: MovableLoop, write: () => MovedLoop) => CallableLoop;
}

export interface CallableLoop extends MovedLoop {
  readonly index: number;
}

const i32 = 0x7f;
const voidBlock = 0x40;
const op = {
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

/** What a moved loop answers: that it has ended, is to go on, or left by exit n - 2. */
const status = { ended: 0, goesOn: 1, firstExit: 2 } as const;

/** A label of the code that is written: one of the source, or one that the source does not know. */
type Label = Frame | undefined;

/** How a moved loop leaves to a label of the function it comes from. */
interface Exit {
  readonly status: number;
  /** Locals that carry the values which the branch takes along. */
  readonly carriers: readonly number[];
}

/**
 * Writes a function's code anew, each of some loops as a function of its own. What is written is the
 * function itself, or one of these.
 */
export class CodeWriter {
  readonly #components: CodeWriterComponents;
  readonly #out = new ByteWriter(256);
  readonly #localTypes: number[];
  readonly #localOf: (index: number) => number;
  readonly #labels: Label[] = [];
  /** Where among the labels each frame of the source is, or was. */
  readonly #places = new Map<Frame, number>();
  readonly #exits = new Map<Frame, Exit>();
  #status = 0;

  constructor(
    components: CodeWriterComponents,
    localTypes: readonly number[],
    localOf: (index: number) => number,
  ) {
    this.#components = components;
    this.#localTypes = [...localTypes];
    this.#localOf = localOf;
  }

  /** The body of the function itself, without its length. */
  static rewrite(components: CodeWriterComponents): Uint8Array {
    const { body } = components;
    const writer = new CodeWriter(components, localTypes(body), (index) => index);
    writer.#label(body.frame);
    writer.#copy(0, body.tokens.length, body.start, body.end);
    return writer.#bodyAfter(body.parameters.length);
  }

  static #move(components: CodeWriterComponents, loop: MovableLoop): MovedLoop {
    const all = localTypes(components.body);
    const types = [i32, ...loop.used.map((index) => all[index] ?? i32)];
    const writer = new CodeWriter(components, types, (index) => loop.used.indexOf(index) + 1);
    return writer.#writeMoved(loop);
  }

  #bodyAfter(parameters: number): Uint8Array {
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

  /** (rounds, used…) -> (status, changed…, carried…) */
  #writeMoved(loop: MovableLoop): MovedLoop {
    const rounds = 0;
    const parameters = [...this.#localTypes];
    this.#status = this.#newLocal(i32);
    const left = Array.from(loop.frame.results, (type) => this.#newLocal(type));
    this.#planExits(loop);
    this.#open(op.block, undefined);
    this.#writeRounds(loop, rounds, left);
    this.#bytes(op.i32Const, status.goesOn);
    this.#set(this.#status);
    this.#close();
    const carriers = [...left, ...[...this.#exits.values()].flatMap((exit) => exit.carriers)];
    const results = [this.#status, ...loop.changed.map(this.#localOf), ...carriers];
    this.#getAll(results);
    this.#bytes(op.end);
    const typeOf = (local: number) => this.#localTypes[local] ?? i32;
    return {
      parameters,
      results: results.map(typeOf),
      body: this.#bodyAfter(parameters.length),
      carried: carriers.map(typeOf),
    };
  }

  /** The loop, for so many rounds; when it ends before, it leaves the label outside of what it writes. */
  #writeRounds({ frame }: MovableLoop, rounds: number, left: readonly number[]): void {
    this.#open(op.block, undefined);
    this.#openLoop(frame);
    this.#get(rounds);
    this.#bytes(op.i32Eqz, op.brIf, 1);
    this.#get(rounds);
    this.#bytes(op.i32Const, 1, op.i32Sub);
    this.#set(rounds);
    this.#copyInside(frame);
    this.#close();
    this.#setAll(left);
    this.#bytes(op.br, 1);
    this.#close();
  }

  #planExits({ exits }: MovableLoop): void {
    for (const [index, target] of exits.entries()) {
      const carriers = Array.from(labelTypes(target), (type) => this.#newLocal(type));
      this.#exits.set(target, { status: status.firstExit + index, carriers });
    }
  }

  /** The loop has no result of its own in the end: what it leaves is carried. */
  #openLoop(frame: Frame): void {
    const token = this.#components.body.tokens[frame.first];
    if (token === undefined) throw new RangeError('a loop without a token');
    this.#source(token.at, token.end);
    this.#label(frame);
  }

  #copyInside({ first, last }: Frame): void {
    const { tokens } = this.#components.body;
    this.#copy(first + 1, last, tokens[first]?.end ?? 0, tokens[last]?.at ?? 0);
  }

  /** Copies instructions from `start` to `end`, of which some are the tokens from `first` on. */
  #copy(first: number, last: number, start: number, end: number): void {
    const { loops, body } = this.#components;
    let copied = start;
    for (let index = first; index < last; index++) {
      const token = body.tokens[index];
      if (token === undefined) break;
      this.#source(copied, token.at);
      copied = token.end;
      const loop = token.kind === 'open' ? loops.get(token.frame) : undefined;
      if (loop === undefined) {
        this.#write(token);
        continue;
      }
      this.#writeMovable(loop);
      index = loop.frame.last;
      copied = body.tokens[index]?.end ?? end;
    }
    this.#source(copied, end);
  }

  #write(token: Token): void {
    switch (token.kind) {
      case 'open':
        this.#source(token.at, token.end);
        this.#label(token.frame);
        return;
      case 'else':
      case 'call':
        this.#source(token.at, token.end);
        return;
      case 'close':
        this.#close();
        return;
      case 'branch':
        this.#branch(token.target);
        return;
      case 'branch-if':
        this.#branchIf(token.target);
        return;
      case 'branch-table':
        this.#branchTable(token.targets);
        return;
      case 'local':
        this.#bytes(token.opcode);
        this.#out.u32(this.#localOf(token.index));
        return;
      default:
        token satisfies never;
    }
  }

  #branch(target: Frame): void {
    const exit = this.#exits.get(target);
    if (exit === undefined) {
      this.#bytes(op.br);
      this.#out.u32(this.#depthOf(target));
      return;
    }
    this.#setAll(exit.carriers);
    this.#leave(exit);
  }

  /** Ends the call of a moved loop; what it carries is in the locals for it. */
  #leave(exit: Exit): void {
    this.#bytes(op.i32Const, exit.status);
    this.#set(this.#status);
    this.#bytes(op.br);
    this.#out.u32(this.#labels.length - 1);
  }

  #branchIf(target: Frame): void {
    if (!this.#exits.has(target)) {
      this.#bytes(op.brIf);
      this.#out.u32(this.#depthOf(target));
      return;
    }
    this.#open(op.if, undefined);
    this.#branch(target);
    this.#close();
  }

  /** Exits get labels of their own, right around the table. */
  #branchTable(targets: readonly Frame[]): void {
    const exits = [...new Set(targets.filter((target) => this.#exits.has(target)))];
    const selector = exits.length > 0 ? this.#newLocal(i32) : undefined;
    if (selector !== undefined) this.#set(selector);
    for (const _ of exits) this.#open(op.block, undefined);
    if (selector !== undefined) this.#get(selector);
    this.#bytes(op.brTable);
    this.#out.u32(targets.length - 1);
    for (const target of targets) {
      const exit = exits.indexOf(target);
      this.#out.u32(exit < 0 ? this.#depthOf(target) : exit);
    }
    for (const target of exits) {
      this.#close();
      this.#branch(target);
    }
  }

  /** The first rounds of a loop, and calls of what it has become for the others. */
  #writeMovable(loop: MovableLoop): void {
    const { move } = this.#components;
    const { index, carried } = move(loop, () => CodeWriter.#move(this.#components, loop));
    const [rounds, answer] = [this.#newLocal(i32), this.#newLocal(i32)];
    const carriers = carried.map((type) => this.#newLocal(type));
    const left = carriers.slice(0, loop.frame.results.length);
    this.#bytes(op.i32Const, loop.firstRounds);
    this.#set(rounds);
    this.#open(op.block, undefined);
    this.#writeRounds(loop, rounds, left);
    this.#open(op.loop, undefined);
    this.#moreRounds(rounds, loop.firstRounds);
    this.#getAll([rounds, ...loop.used.map(this.#localOf)]);
    this.#bytes(op.call);
    this.#out.u32(index);
    this.#setAll([answer, ...loop.changed.map(this.#localOf), ...carriers]);
    this.#get(answer);
    this.#bytes(op.i32Const, status.goesOn, op.i32Eq, op.brIf, 0);
    this.#close();
    this.#leaveAsMoved(loop, answer, carriers);
    this.#close();
    this.#getAll(left);
  }

  /** More than twice as many as the last time, and never none. */
  #moreRounds(rounds: number, firstRounds: number): void {
    this.#get(rounds);
    this.#bytes(op.i32Const, 1, op.i32Shl, op.i32Const, firstRounds, op.i32Or);
    this.#set(rounds);
  }

  /** Goes where the moved loop has gone, unless to what follows it. */
  #leaveAsMoved({ frame, exits }: MovableLoop, answer: number, carriers: readonly number[]): void {
    let next = frame.results.length;
    for (const [index, target] of exits.entries()) {
      const own = carriers.slice(next, next + labelTypes(target).length);
      next += own.length;
      this.#get(answer);
      this.#bytes(op.i32Const, status.firstExit + index, op.i32Eq);
      this.#open(op.if, undefined);
      this.#getAll(own);
      this.#branch(target);
      this.#close();
    }
  }

  #depthOf(target: Frame): number {
    const index = this.#places.get(target) ?? -1;
    if (this.#labels[index] !== target)
      throw new RangeError('a branch to a label that is not open');
    return this.#labels.length - 1 - index;
  }

  #label(frame: Frame): void {
    this.#places.set(frame, this.#labels.push(frame) - 1);
  }

  #open(opcode: number, label: Label): void {
    this.#bytes(opcode, voidBlock);
    this.#labels.push(label);
  }

  #close(): void {
    this.#bytes(op.end);
    this.#labels.pop();
  }

  #newLocal(type: number): number {
    return this.#localTypes.push(type) - 1;
  }

  #get(local: number): void {
    this.#bytes(op.localGet);
    this.#out.u32(local);
  }

  #set(local: number): void {
    this.#bytes(op.localSet);
    this.#out.u32(local);
  }

  #getAll(locals: readonly number[]): void {
    for (const local of locals) this.#get(local);
  }

  /** Takes values from the stack, of which the last is on top. */
  #setAll(locals: readonly number[]): void {
    for (const local of locals.toReversed()) this.#set(local);
  }

  #bytes(...bytes: readonly number[]): void {
    this.#out.bytes(bytes);
  }

  #source(start: number, end: number): void {
    if (end > start) this.#out.bytes(this.#components.bytes.subarray(start, end));
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
