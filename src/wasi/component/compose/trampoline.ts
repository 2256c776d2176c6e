import type { CoreType } from '../abi/codec.ts';
import { ByteWriter } from '../rewrite/byte-writer.ts';
import type { CoreSignature } from './signature.ts';

/** The module and the names by which trampolines import and export. */
export const trampolineNames = {
  module: 'composed',
  enter: 'enter',
  callee: 'callee',
  leave: 'leave',
  fail: 'fail',
  escape: 'escape',
  tag: 'tag',
  call: 'call',
} as const;

/**
 * A module that calls a core function of one component for another, with what `enter` made of the
 * caller's values, and has `leave` make the caller's result of what that returns. There is no frame
 * of JavaScript between the two, so that JSPI can suspend both.
 *
 *     (func (export "call") (param lowered) (result lowered) (local $call externref)
 *       (block $escaped
 *         (block $failed (result externref)
 *           (call $enter (local.get 0) …) (local.set $call)
 *           (try_table (param lifted) (result lifted) (catch $javascript $failed) (catch_all $escaped)
 *             (call $callee))
 *           (return (call $leave (local.get $call))))
 *         (call $fail) unreachable)
 *       (call $escape) unreachable)
 */
export function trampoline(lowered: CoreSignature, lifted: CoreSignature): WebAssembly.Module {
  const out = new ByteWriter(512);
  out.bytes([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  section(out, 1, [
    type(lowered.parameters, [...lifted.parameters, 'externref']),
    type(lifted.parameters, lifted.results),
    type([...lifted.results, 'externref'], lowered.results),
    type(['externref'], []),
    type([], []),
    type(lowered.parameters, lowered.results),
  ]);
  section(out, 2, [
    functionImport(trampolineNames.enter, 0),
    functionImport(trampolineNames.callee, 1),
    functionImport(trampolineNames.leave, 2),
    functionImport(trampolineNames.fail, 3),
    functionImport(trampolineNames.escape, 4),
    tagImport(3),
  ]);
  section(out, 3, [(it) => it.u32(5)]);
  section(out, 7, [
    (it) => {
      it.name(trampolineNames.call);
      it.byte(0);
      it.u32(5);
    },
  ]);
  section(out, 10, [(it) => it.sized(() => writeBody(it, lowered.parameters.length))]);
  return new WebAssembly.Module(out.result());
}

function writeBody(out: ByteWriter, parameters: number): void {
  const call = parameters;
  out.bytes([1, 1, codes.externref]); // one local
  out.bytes([0x02, 0x40, 0x02, codes.externref]);
  for (let index = 0; index < parameters; index++) {
    out.byte(0x20);
    out.u32(index);
  }
  out.bytes([0x10, 0, 0x21]);
  out.u32(call);
  // try_table of type 1: what is thrown by JavaScript to the inner block, all else to the outer one.
  out.bytes([0x1f, 1, 2, 0x00, 0, 0, 0x02, 1]);
  out.bytes([0x10, 1, 0x0b, 0x20]);
  out.u32(call);
  out.bytes([0x10, 2, 0x0f, 0x0b]);
  out.bytes([0x10, 3, 0x00, 0x0b]);
  out.bytes([0x10, 4, 0x00, 0x0b]);
}

const codes: Readonly<Record<CoreType | 'externref', number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  externref: 0x6f,
};

type Write = (out: ByteWriter) => void;

function section(out: ByteWriter, id: number, items: readonly Write[]): void {
  out.byte(id);
  out.sized(() => {
    out.u32(items.length);
    for (const write of items) write(out);
  });
}

function type(
  parameters: readonly (CoreType | 'externref')[],
  results: readonly (CoreType | 'externref')[],
): Write {
  return (out) => {
    out.byte(0x60);
    for (const types of [parameters, results]) {
      out.u32(types.length);
      out.bytes(types.map((item) => codes[item]));
    }
  };
}

function functionImport(name: string, typeIndex: number): Write {
  return (out) => {
    out.name(trampolineNames.module);
    out.name(name);
    out.byte(0);
    out.u32(typeIndex);
  };
}

function tagImport(typeIndex: number): Write {
  return (out) => {
    out.name(trampolineNames.module);
    out.name(trampolineNames.tag);
    out.bytes([4, 0]);
    out.u32(typeIndex);
  };
}
