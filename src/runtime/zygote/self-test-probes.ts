import { randomFill } from 'node:crypto';
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { zygotePipe } from './zygote-pipe.ts';

/**
 * (module
 *   (func (export "trap") unreachable)
 *   (func (export "sum") (param i32) (result i32) (local i32)
 *     (loop $again
 *       (local.set 1 (i32.add (local.get 1) (local.get 0)))
 *       (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
 *     (local.get 1)))
 */
const program = Buffer.from(
  'AGFzbQEAAAABCQJgAABgAX8BfwMDAgABBw4CBHRyYXAAAANzdW0AAQofAgMAAAsZAQF/A0AgASAAaiEBIABBAWsiAA0ACyABCw==',
  'base64',
);

/** What a forked and confined process must be able to do; each returns whether it could. */
export const selfTestProbes: Readonly<Record<string, () => boolean>> = {
  /** Young and old objects, across several collections of both kinds. */
  collection(): boolean {
    const kept: object[] = [];
    for (let round = 0; round < 400_000; round++) {
      const object = { round, text: `object ${round}`, list: [round] };
      if (round % 8 === 0) kept.push(object);
    }
    return kept.length === 50_000;
  },

  /** Traps come as signals to V8's handler, and leave as exceptions. */
  trap(): boolean {
    const { trap } = instantiate();
    for (let round = 0; round < 50; round++) {
      try {
        trap();
        return false;
      } catch (error) {
        if (!(error instanceof WebAssembly.RuntimeError)) return false;
      }
    }
    return true;
  },

  /** Hot code, of WebAssembly and of JavaScript, is compiled again by the optimizing compilers. */
  tierUp(): boolean {
    const { sum } = instantiate();
    let total = 0;
    for (let round = 0; round < 50_000; round++) total = (total + add(round, sum(100))) | 0;
    return total !== 0;
  },

  /** Memory grows, and what is new is zero. */
  memoryGrowth(): boolean {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 256 });
    while (memory.buffer.byteLength < 256 * 65_536) {
      if (memory.grow(15) < 0) return false;
      new Uint8Array(memory.buffer).fill(1, memory.buffer.byteLength - 65_536);
    }
    return new Uint8Array(memory.buffer)[70_000] === 0;
  },

  /** Deep recursion ends in an exception. */
  stackOverflow(): boolean {
    const recurse = (depth: number): number => recurse(depth + 1) + 1;
    try {
      recurse(0);
      return false;
    } catch (error) {
      return error instanceof RangeError;
    }
  },
};

/** Timers, descriptors that are waited for, and libuv's threads. */
export async function eventLoopProbe(): Promise<boolean> {
  const { read, write } = zygotePipe();
  const socket = new Socket({ fd: read, writable: false });
  const data = once(socket, 'data');
  await sleep(1);
  writeSync(write, 'x');
  const [text] = await data;
  socket.destroy();
  const random = new Uint8Array(64);
  await promisify(randomFill)(random);
  return String(text) === 'x' && random.some((byte) => byte !== 0);
}

function add(left: number, right: number): number {
  return (left + right) | 0;
}

function instantiate(): { trap: () => void; sum: (count: number) => number } {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(program));
  return exports as ReturnType<typeof instantiate>; // the program above
}
