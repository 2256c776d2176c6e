import { skipValueType } from '../component/binary/core-types.ts';
import { type FunctionType, isLongType } from '../component/binary/function-types.ts';
import { MalformedBinary } from '../component/binary/malformed-binary.ts';
import type { Reader } from '../component/binary/reader.ts';
import { scanInstruction } from '../component/rewrite/instruction-scanner.ts';
import { UnresettableModule } from '../component/rewrite/unresettable-module.ts';

/** A function's code, as far as moving parts of it to other functions needs to know it. */
export interface FunctionBody {
  /** The types of its parameters, which are its first locals. */
  readonly parameters: Uint8Array;
  /** Its other locals, as they are declared: a few bytes may declare a thousand. */
  readonly locals: readonly LocalGroup[];
  /** Where the instructions begin and end in the module. */
  readonly start: number;
  readonly end: number;
  /** The function itself, as what its last `end` closes. */
  readonly frame: Frame;
  readonly loops: readonly Frame[];
  readonly tokens: readonly Token[];
}

/** Locals of one type. */
export interface LocalGroup {
  readonly type: number;
  readonly count: number;
}

/** What a label stands for. */
export interface Frame {
  readonly kind: 'function' | 'block' | 'loop' | 'if';
  /** The loop that it is in. */
  readonly loop: Frame | undefined;
  /** How many loops it is in, itself included. */
  readonly depth: number;
  readonly parameters: Uint8Array;
  readonly results: Uint8Array;
  /** Index of its own token among the body's. */
  readonly first: number;
  /** Index of the token that ends it. */
  last: number;
  /** Whether it is a loop with loops in it. */
  nested: boolean;
}

/** An instruction that refers to labels or locals, or calls; all others are copied as they are. */
export type Token = { readonly at: number; readonly end: number } & (
  | { readonly kind: 'open'; readonly frame: Frame }
  | { readonly kind: 'else' }
  | { readonly kind: 'close' }
  | { readonly kind: 'branch' | 'branch-if'; readonly target: Frame }
  | { readonly kind: 'branch-table'; readonly targets: readonly Frame[] }
  | { readonly kind: 'local'; readonly opcode: number; readonly index: number }
  | { readonly kind: 'call'; readonly callee: number; readonly loop: Frame | undefined }
);

const none = new Uint8Array();
const localSet = 0x21;
const localTee = 0x22;
const mostLocals = 1000;

/** The type of each local, parameters first. */
export function localTypes({ parameters, locals }: FunctionBody): number[] {
  const types = [...parameters];
  for (const { type, count } of locals) types.push(...Array<number>(count).fill(type));
  return types;
}

/** Whether a token changes the local that it refers to. */
export function writesLocal(token: Token): boolean {
  return token.kind === 'local' && (token.opcode === localSet || token.opcode === localTee);
}

/**
 * Reads a function's body.
 *
 * @param reader over the body alone
 * @returns undefined where it has instructions that cannot be moved to another function, or that are
 *   not known here
 */
export function readFunctionBody(
  reader: Reader,
  type: FunctionType,
  types: readonly FunctionType[],
): FunctionBody | undefined {
  const locals = readLocals(reader, type);
  if (locals === undefined) return undefined;
  try {
    return new BodyReader(reader, types).read(locals, type);
  } catch (error) {
    if (error instanceof UnresettableModule || error instanceof MalformedBinary) return undefined;
    throw error;
  }
}

function readLocals(reader: Reader, { parameters }: FunctionType): LocalGroup[] | undefined {
  const locals: LocalGroup[] = [];
  let all = parameters.length;
  for (let left = reader.count(); left > 0; left--) {
    const count = reader.u32();
    const start = reader.position;
    const type = skipValueType(reader);
    all += count;
    if (reader.position - start > 1 || all > mostLocals) return undefined;
    if (count > 0) locals.push({ type, count });
  }
  return locals;
}

class BodyReader {
  readonly #reader: Reader;
  readonly #types: readonly FunctionType[];
  readonly #tokens: Token[] = [];
  readonly #loops: Frame[] = [];
  readonly #open: Frame[] = [];

  constructor(reader: Reader, types: readonly FunctionType[]) {
    this.#reader = reader;
    this.#types = types;
  }

  read(locals: readonly LocalGroup[], type: FunctionType): FunctionBody | undefined {
    const start = this.#reader.position;
    const frame = this.#frame('function', none, type.results);
    this.#open.push(frame);
    while (!this.#reader.done) {
      if (this.#open.length === 0 || !this.#readInstruction()) return undefined;
    }
    if (this.#open.length > 0) return undefined;
    const [tokens, loops] = [this.#tokens, this.#loops];
    const { parameters } = type;
    return { parameters, locals, start, end: this.#reader.end, frame, loops, tokens };
  }

  #frame(kind: Frame['kind'], parameters: Uint8Array, results: Uint8Array): Frame {
    const outer = this.#open.at(-1);
    const loop = outer?.kind === 'loop' ? outer : outer?.loop;
    const depth = (loop?.depth ?? 0) + (kind === 'loop' ? 1 : 0);
    const first = this.#tokens.length;
    return { kind, loop, depth, parameters, results, first, last: first, nested: false };
  }

  /** @returns false for what cannot be moved: handlers of exceptions, tail calls, checked branches */
  #readInstruction(): boolean {
    const at = this.#reader.position;
    const opcode = this.#reader.peek();
    switch (opcode) {
      case 0x02:
      case 0x03:
      case 0x04:
        this.#reader.byte();
        return this.#openFrame(at, opcode);
      case 0x05:
        this.#reader.byte();
        this.#tokens.push({ kind: 'else', at, end: this.#reader.position });
        return true;
      case 0x0b:
        this.#reader.byte();
        this.#closeFrame(at);
        return true;
      case 0x0c:
      case 0x0d:
        this.#reader.byte();
        return this.#branch(at, opcode === 0x0c ? 'branch' : 'branch-if');
      case 0x0e:
        this.#reader.byte();
        return this.#branchTable(at);
      case 0x0f:
        this.#reader.byte();
        return this.#return(at);
      case 0x10:
        this.#reader.byte();
        this.#call(at);
        return true;
      case 0x20:
      case 0x21:
      case 0x22:
        this.#reader.byte();
        this.#local(at, opcode);
        return true;
      default:
        if (unmovable.has(opcode)) return false;
        scanInstruction(this.#reader);
        return true;
    }
  }

  #openFrame(at: number, opcode: number): boolean {
    const type = this.#blockType(this.#reader.s33());
    if (type === undefined) return false;
    const kind = opcode === 0x02 ? 'block' : opcode === 0x03 ? 'loop' : 'if';
    const frame = this.#frame(kind, type.parameters, type.results);
    if (kind === 'loop') {
      this.#loops.push(frame);
      for (let outer = frame.loop; outer?.nested === false; outer = outer.loop) outer.nested = true;
    }
    this.#open.push(frame);
    this.#tokens.push({ kind: 'open', frame, at, end: this.#reader.position });
    return true;
  }

  /**
   * Types of one result are negative: the byte that stands for the type, less 128.
   *
   * @returns undefined for a reference whose type more bytes belong to
   */
  #blockType(code: number): FunctionType | undefined {
    if (code >= 0) return this.#types[code];
    if (code === -64) return { parameters: none, results: none };
    const result = code + 128;
    return isLongType(result) ? undefined : { parameters: none, results: Uint8Array.of(result) };
  }

  #closeFrame(at: number): void {
    const frame = this.#open.pop();
    if (frame !== undefined) frame.last = this.#tokens.length;
    this.#tokens.push({ kind: 'close', at, end: this.#reader.position });
  }

  #label(depth: number): Frame | undefined {
    return this.#open[this.#open.length - 1 - depth];
  }

  #branch(at: number, kind: 'branch' | 'branch-if'): boolean {
    const target = this.#label(this.#reader.u32());
    if (target === undefined) return false;
    this.#tokens.push({ kind, target, at, end: this.#reader.position });
    return true;
  }

  #branchTable(at: number): boolean {
    const depths = this.#reader.list((inner) => inner.u32());
    const targets = [...depths, this.#reader.u32()].flatMap((depth) => this.#label(depth) ?? []);
    this.#tokens.push({ kind: 'branch-table', targets, at, end: this.#reader.position });
    return targets.length === depths.length + 1;
  }

  #return(at: number): boolean {
    const [target] = this.#open;
    if (target === undefined) return false;
    this.#tokens.push({ kind: 'branch', target, at, end: this.#reader.position });
    return true;
  }

  #call(at: number): void {
    const callee = this.#reader.u32();
    const outer = this.#open.at(-1);
    const loop = outer?.kind === 'loop' ? outer : outer?.loop;
    this.#tokens.push({ kind: 'call', callee, loop, at, end: this.#reader.position });
  }

  #local(at: number, opcode: number): void {
    const index = this.#reader.u32();
    this.#tokens.push({ kind: 'local', opcode, index, at, end: this.#reader.position });
  }
}

/** try catch rethrow delegate catch_all try_table, return_call in three forms, br_on_null and its opposite */
const unmovable = new Set([
  ...[0x06, 0x07, 0x09, 0x18, 0x19, 0x1f],
  ...[0x12, 0x13, 0x15],
  ...[0xd5, 0xd6],
]);
