import { type HostInterface, hostFunction } from '../../abi/host-function.ts';
import { u64 } from '../../abi/numbers.ts';
import { tuple } from '../../abi/records.ts';
import type { Task } from '../../async/task.ts';
import { insecure } from '../../random/insecure.ts';
import { random as random02 } from '../../random/random.ts';
import { randomNumber } from '../../random/random-bytes.ts';

/** https://github.com/WebAssembly/WASI/tree/main/proposals/random/wit */
export const random: readonly HostInterface[] = [
  { ...random02, name: 'wasi:random/random@0.3' },
  { ...insecure, name: 'wasi:random/insecure@0.3' },
  {
    name: 'wasi:random/insecure-seed@0.3',
    functions: {
      'get-insecure-seed': hostFunction([], tuple(u64, u64), ({ task }) => seedOf(task)),
    },
  },
];

type Seed = readonly [bigint, bigint];

const seeds = new WeakMap<Task, Seed>();

/** The same whenever a task asks, and another for every task. */
function seedOf(task: Task | undefined): Seed {
  const seed = (task && seeds.get(task)) ?? [randomNumber(), randomNumber()];
  if (task) seeds.set(task, seed);
  return seed;
}
