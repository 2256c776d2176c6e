import { type Frame, type FunctionBody, localTypes, type Token } from './function-body.ts';
import { FunctionCode, i32, op } from './function-code.ts';
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

/** What a moved loop answers: that it has ended, is to go on, or left by exit n - 2. */
const status = { ended: 0, goesOn: 1, firstExit: 2 } as const;

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
  readonly #code: FunctionCode;
  readonly #localOf: (index: number) => number;
  readonly #exits = new Map<Frame, Exit>();
  #status = 0;

  constructor(
    components: CodeWriterComponents,
    localTypes: readonly number[],
    localOf: (index: number) => number,
  ) {
    this.#components = components;
    this.#code = new FunctionCode(localTypes);
    this.#localOf = localOf;
  }

  /** The body of the function itself, without its length. */
  static rewrite(components: CodeWriterComponents): Uint8Array {
    const { body } = components;
    const writer = new CodeWriter(components, localTypes(body), (index) => index);
    writer.#code.label(body.frame);
    writer.#copy(0, body.tokens.length, body.start, body.end);
    return writer.#code.body(body.parameters.length);
  }

  static #move(components: CodeWriterComponents, loop: MovableLoop): MovedLoop {
    const all = localTypes(components.body);
    const types = [i32, ...loop.used.map((index) => all[index] ?? i32)];
    const writer = new CodeWriter(components, types, (index) => loop.used.indexOf(index) + 1);
    return writer.#writeMoved(loop);
  }

  /** (rounds, used…) -> (status, changed…, carried…) */
  #writeMoved(loop: MovableLoop): MovedLoop {
    const code = this.#code;
    const rounds = 0;
    const parameters = [...code.localTypes];
    this.#status = code.newLocal(i32);
    const left = Array.from(loop.frame.results, (type) => code.newLocal(type));
    this.#planExits(loop);
    code.open(op.block);
    this.#writeRounds(loop, rounds, left);
    code.emit(op.i32Const, status.goesOn);
    code.set(this.#status);
    code.close();
    const carriers = [...left, ...[...this.#exits.values()].flatMap((exit) => exit.carriers)];
    const results = [this.#status, ...loop.changed.map(this.#localOf), ...carriers];
    code.getAll(results);
    code.emit(op.end);
    const typeOf = (local: number) => code.localTypes[local] ?? i32;
    return {
      parameters,
      results: results.map(typeOf),
      body: code.body(parameters.length),
      carried: carriers.map(typeOf),
    };
  }

  /** The loop, for so many rounds; when it ends before, it leaves the label outside of what it writes. */
  #writeRounds({ frame }: MovableLoop, rounds: number, left: readonly number[]): void {
    const code = this.#code;
    code.open(op.block);
    this.#openLoop(frame);
    code.get(rounds);
    code.emit(op.i32Eqz, op.brIf, 1);
    code.get(rounds);
    code.emit(op.i32Const, 1, op.i32Sub);
    code.set(rounds);
    this.#copyInside(frame);
    code.close();
    code.setAll(left);
    code.emit(op.br, 1);
    code.close();
  }

  #planExits({ exits }: MovableLoop): void {
    for (const [index, target] of exits.entries()) {
      const carriers = Array.from(labelTypes(target), (type) => this.#code.newLocal(type));
      this.#exits.set(target, { status: status.firstExit + index, carriers });
    }
  }

  /** The loop has no result of its own in the end: what it leaves is carried. */
  #openLoop(frame: Frame): void {
    const token = this.#components.body.tokens[frame.first];
    if (token === undefined) throw new RangeError('a loop without a token');
    this.#source(token.at, token.end);
    this.#code.label(frame);
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
        this.#code.label(token.frame);
        return;
      case 'else':
      case 'call':
        this.#source(token.at, token.end);
        return;
      case 'close':
        this.#code.close();
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
        this.#code.indexed(token.opcode, this.#localOf(token.index));
        return;
      default:
        token satisfies never;
    }
  }

  #branch(target: Frame): void {
    const exit = this.#exits.get(target);
    if (exit === undefined) {
      this.#code.indexed(op.br, this.#code.depthOf(target));
      return;
    }
    this.#code.setAll(exit.carriers);
    this.#leave(exit);
  }

  /** Ends the call of a moved loop; what it carries is in the locals for it. */
  #leave(exit: Exit): void {
    const code = this.#code;
    code.emit(op.i32Const, exit.status);
    code.set(this.#status);
    code.indexed(op.br, code.outermostDepth);
  }

  #branchIf(target: Frame): void {
    if (!this.#exits.has(target)) {
      this.#code.indexed(op.brIf, this.#code.depthOf(target));
      return;
    }
    this.#code.open(op.if);
    this.#branch(target);
    this.#code.close();
  }

  /** Exits get labels of their own, right around the table. */
  #branchTable(targets: readonly Frame[]): void {
    const code = this.#code;
    const exits = [...new Set(targets.filter((target) => this.#exits.has(target)))];
    const selector = exits.length > 0 ? code.newLocal(i32) : undefined;
    if (selector !== undefined) code.set(selector);
    for (const _ of exits) code.open(op.block);
    if (selector !== undefined) code.get(selector);
    const depths = targets.map((target) => {
      const exit = exits.indexOf(target);
      return exit < 0 ? code.depthOf(target) : exit;
    });
    code.branchTable(depths);
    for (const target of exits) {
      code.close();
      this.#branch(target);
    }
  }

  /** The first rounds of a loop, and calls of what it has become for the others. */
  #writeMovable(loop: MovableLoop): void {
    const code = this.#code;
    const { move } = this.#components;
    const { index, carried } = move(loop, () => CodeWriter.#move(this.#components, loop));
    const [rounds, answer] = [code.newLocal(i32), code.newLocal(i32)];
    const carriers = carried.map((type) => code.newLocal(type));
    const left = carriers.slice(0, loop.frame.results.length);
    code.emit(op.i32Const, loop.firstRounds);
    code.set(rounds);
    code.open(op.block);
    this.#writeRounds(loop, rounds, left);
    code.open(op.loop);
    this.#moreRounds(rounds, loop.firstRounds);
    code.getAll([rounds, ...loop.used.map(this.#localOf)]);
    code.indexed(op.call, index);
    code.setAll([answer, ...loop.changed.map(this.#localOf), ...carriers]);
    code.get(answer);
    code.emit(op.i32Const, status.goesOn, op.i32Eq, op.brIf, 0);
    code.close();
    this.#leaveAsMoved(loop, answer, carriers);
    code.close();
    code.getAll(left);
  }

  /** More than twice as many as the last time, and never none. */
  #moreRounds(rounds: number, firstRounds: number): void {
    const code = this.#code;
    code.get(rounds);
    code.emit(op.i32Const, 1, op.i32Shl, op.i32Const, firstRounds, op.i32Or);
    code.set(rounds);
  }

  /** Goes where the moved loop has gone, unless to what follows it. */
  #leaveAsMoved({ frame, exits }: MovableLoop, answer: number, carriers: readonly number[]): void {
    const code = this.#code;
    let next = frame.results.length;
    for (const [index, target] of exits.entries()) {
      const own = carriers.slice(next, next + labelTypes(target).length);
      next += own.length;
      code.get(answer);
      code.emit(op.i32Const, status.firstExit + index, op.i32Eq);
      code.open(op.if);
      code.getAll(own);
      this.#branch(target);
      code.close();
    }
  }

  #source(start: number, end: number): void {
    if (end > start) this.#code.copy(this.#components.bytes.subarray(start, end));
  }
}
