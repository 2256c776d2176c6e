/** Operations of the fixture `composed-hostile`, by their numbers. */
const operation = {
  make: 0,
  use: 1,
  take: 2,
  drop: 3,
  give: 4,
  echo: 5,
  count: 6,
  setMode: 7,
  stream: 8,
  read: 9,
  write: 10,
  cancelRead: 11,
  cancelWrite: 12,
  dropReadable: 13,
  dropWritable: 14,
  sink: 15,
  set: 16,
  join: 17,
  poll: 18,
  dropSet: 19,
  dropSubtask: 20,
} as const;

type Kind = 'thing' | 'readable' | 'writable' | 'set';

/** What each operation expects its first operand to be a handle of. */
const expected: Readonly<Record<number, Kind>> = {
  [operation.use]: 'thing',
  [operation.take]: 'thing',
  [operation.drop]: 'thing',
  [operation.read]: 'readable',
  [operation.write]: 'writable',
  [operation.cancelRead]: 'readable',
  [operation.cancelWrite]: 'writable',
  [operation.dropReadable]: 'readable',
  [operation.dropWritable]: 'writable',
  [operation.sink]: 'readable',
  [operation.join]: 'readable',
  [operation.poll]: 'set',
  [operation.dropSet]: 'set',
};

const consuming: ReadonlySet<number> = new Set([
  operation.take,
  operation.drop,
  operation.dropReadable,
  operation.dropWritable,
  operation.sink,
  operation.dropSet,
]);

const { make, use, stream, read, write, set, join, poll } = operation;
/** Those that more can follow on come up more often. */
const operations = [
  ...Object.values(operation),
  ...[make, use, use, stream, read, write, write, set, join, join, poll, poll],
];
const pointers = [64, 64, 64, 66, 68, 65532, 65536, 0xff_ffff] as const;
const lengths = [0, 4, 4, 6, 20, 70000, 0x8000_0000, 0xffff_ffff] as const;

/** Numbers that look random and are the same every time; each call gives one from 0 below `bound`. */
export function seededRandom(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

/** Eight steps, most of which name handles that there should be by then, and some any number. */
export function hostileSteps(random: (bound: number) => number): bigint[] {
  const handles = new Map<number, Kind>();
  const add = (kind: Kind) => {
    let handle = 1;
    while (handles.has(handle)) handle++;
    handles.set(handle, kind);
  };
  const pick = (kind: Kind | undefined): number => {
    const fitting = [...handles].filter(([, it]) => it === kind).map(([handle]) => handle);
    if (random(8) > 0 && fitting.length > 0) return fitting[random(fitting.length)] ?? 0;
    return random(20) === 0 ? 0xff_ffff : random(7);
  };
  const step = (): bigint => {
    const number = operations[random(operations.length)] ?? 0;
    // Where nothing fits, something is made that will.
    const needs = expected[number];
    const isThere = needs === undefined || [...handles.values()].includes(needs);
    const makers = { thing: make, set, readable: stream, writable: stream } as const;
    const made = isThere || random(8) === 0 ? number : makers[needs];
    let [first, second] = [pick(expected[made]), random(3)];
    if (made === operation.make) add('thing');
    else if (made === operation.set) add('set');
    else if (made === operation.stream) (['readable', 'writable'] as const).forEach(add);
    else if (made === operation.join) second = random(4) === 0 ? 0 : pick('set');
    else if (made === operation.setMode) first = random(7);
    else if (made === operation.echo || made === operation.count) {
      first = pointers[random(pointers.length)] ?? 0;
      second = lengths[random(lengths.length)] ?? 0;
    }
    if (consuming.has(made)) handles.delete(first);
    return BigInt(made) | (BigInt(first) << 8n) | (BigInt(second) << 32n);
  };
  return Array.from({ length: 8 }, step);
}
