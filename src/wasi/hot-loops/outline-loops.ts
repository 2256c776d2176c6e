import { type CoreInterface, readCoreInterface } from '../component/binary/core-interface.ts';
import { sectionId } from '../component/binary/core-module.ts';
import { type FunctionType, readFunctionTypes } from '../component/binary/function-types.ts';
import { Reader } from '../component/binary/reader.ts';
import { ByteWriter } from '../component/rewrite/byte-writer.ts';
import {
  SectionWriter,
  sectionOrder,
  writeFunctionType,
  writeSection,
} from '../component/rewrite/section-writer.ts';
import { type CallableLoop, CodeWriter, type MovedLoop } from './code-writer.ts';
import { type Frame, type FunctionBody, readFunctionBody } from './function-body.ts';
import { type MovableLoop, movableLoop } from './movable-loop.ts';
import { recursiveFunctions } from './recursive-functions.ts';
import { runOnce } from './run-once.ts';

/**
 * Makes functions of loops that may run for long, so that V8, which replaces the code of a function
 * by better code only between two calls, gets the chance to: a function that comes of a loop returns
 * after some rounds and is called again. Chosen are loops that have loops in them, and all loops of
 * functions that are called once. Functions that call themselves stay as they are: they are called
 * often anyway, and each call would take more of the stack.
 *
 * @param bytes a valid module
 * @returns undefined where there is nothing to move
 */
export function outlineLoops(bytes: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  const core = readCoreInterface(bytes);
  const types = readFunctionTypes(bytes, core);
  if (types === undefined) return undefined;
  const functions = readFunctions(bytes, core, types);
  if (functions === undefined) return undefined;
  const outlined = new Outliner(bytes, core, types, functions).outline();
  return outlined && WebAssembly.validate(outlined) ? outlined : undefined;
}

/** What is deeper in loops is called often by them; each level repeats the code of those below. */
const deepest = 3;

/** Loops of next to nothing take much more room as functions than they did. */
const mostGrowth = 4;
const smallCode = 64 * 1024;
/** While it is read, code takes up to sixty times its room: of more than this little is hot anyway. */
const mostCode = 16 * 1024 * 1024;
/** What one adds at least, for those that are too many to be written first. */
const leastOfLoop = 64;

interface ModuleFunctions {
  /** The index of the first: those that are imported come before. */
  readonly first: number;
  readonly ranges: readonly Reader[];
  /** Undefined where a body cannot be changed. */
  readonly bodies: readonly (FunctionBody | undefined)[];
}

function readFunctions(
  bytes: Uint8Array,
  { sections, imports }: CoreInterface,
  types: readonly FunctionType[],
): ModuleFunctions | undefined {
  const readerOf = (id: number) => {
    const section = sections.find((candidate) => candidate.id === id);
    return section && new Reader(bytes, section.start, section.end);
  };
  const code = readerOf(sectionId.code);
  const typeIndices = readerOf(sectionId.function)?.list((reader) => reader.u32());
  if (code === undefined || typeIndices === undefined) return undefined;
  if (code.end - code.position > mostCode) return undefined;
  const ranges = code.list((reader) => reader.section(reader.u32()));
  const bodies = ranges.map(({ position, end }, index) => {
    const type = types[typeIndices[index] ?? -1];
    return type && readFunctionBody(new Reader(bytes, position, end), type, types);
  });
  const first = imports.filter(({ kind }) => kind === 'function').length;
  return { first, ranges, bodies };
}

class Outliner {
  readonly #bytes: Uint8Array;
  readonly #core: CoreInterface;
  readonly #types: readonly FunctionType[];
  readonly #functions: ModuleFunctions;
  readonly #moved: MovedLoop[] = [];
  #movedBytes = 0;

  constructor(
    bytes: Uint8Array,
    core: CoreInterface,
    types: readonly FunctionType[],
    functions: ModuleFunctions,
  ) {
    this.#bytes = bytes;
    this.#core = core;
    this.#types = types;
    this.#functions = functions;
  }

  outline(): Uint8Array<ArrayBuffer> | undefined {
    const { ranges, first, bodies } = this.#functions;
    const once = runOnce(bodies, first, this.#core.exports);
    const recursive = recursiveFunctions(bodies, first);
    const most = smallCode + mostGrowth * this.#bytes.length;
    const code = new ByteWriter(this.#bytes.length + 4096);
    for (const [index, range] of ranges.entries()) {
      const body = recursive.has(first + index) ? undefined : bodies[index];
      const loops = body && chooseLoops(body, once.has(first + index));
      if (loops && code.length + this.#movedBytes + leastOfLoop * loops.size > most) {
        return undefined;
      }
      const written =
        loops && loops.size > 0
          ? this.#rewrite(body, loops)
          : range.take(range.end - range.position);
      code.u32(written.length);
      code.bytes(written);
      if (code.length + this.#movedBytes > most) return undefined;
    }
    return this.#moved.length === 0 ? undefined : this.#module(code.result());
  }

  #rewrite(body: FunctionBody, loops: ReadonlyMap<Frame, MovableLoop>): Uint8Array {
    const known = new Map<MovableLoop, CallableLoop>();
    const move = (loop: MovableLoop, write: () => MovedLoop): CallableLoop => {
      const callable = known.get(loop) ?? this.#add(write());
      known.set(loop, callable);
      return callable;
    };
    return CodeWriter.rewrite({ bytes: this.#bytes, body, loops, move });
  }

  #add(moved: MovedLoop): CallableLoop {
    const { first, ranges } = this.#functions;
    this.#movedBytes += moved.body.length;
    return { ...moved, index: first + ranges.length + this.#moved.push(moved) - 1 };
  }

  #module(code: Uint8Array): Uint8Array<ArrayBuffer> {
    const out = new ByteWriter(this.#bytes.length + code.length);
    out.bytes(this.#bytes.subarray(0, 8));
    const sections = new SectionWriter(this.#bytes, this.#core.sections, out);
    for (const id of sectionOrder) this.#writeSection(out, sections, id, code);
    sections.copyNames();
    return out.result();
  }

  #writeSection(out: ByteWriter, sections: SectionWriter, id: number, code: Uint8Array): void {
    switch (id) {
      case sectionId.type:
        sections.extend(
          id,
          this.#moved.map(({ parameters, results }) => writeFunctionType(parameters, results)),
        );
        return;
      case sectionId.function:
        sections.extend(
          id,
          this.#moved.map((_, index) => (to) => to.u32(this.#types.length + index)),
        );
        return;
      case sectionId.code:
        writeSection(out, id, () => {
          out.u32(this.#functions.ranges.length + this.#moved.length);
          out.bytes(code);
          for (const { body } of this.#moved) {
            out.u32(body.length);
            out.bytes(body);
          }
        });
        return;
      default:
        sections.copy(id);
    }
  }
}

function chooseLoops(body: FunctionBody, once: boolean): ReadonlyMap<Frame, MovableLoop> {
  const chosen = new Map<Frame, MovableLoop>();
  for (const frame of body.loops) {
    const isOnce = once && frame.loop === undefined;
    if (frame.depth > deepest || !(frame.nested || isOnce)) continue;
    const loop = movableLoop(body, frame, isOnce);
    if (loop !== undefined) chosen.set(frame, loop);
  }
  return chosen;
}
