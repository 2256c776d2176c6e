/**
 * `npm run soak [-- COUNT]`: starts 10,000 containers (or COUNT) through one zygote, among them
 * crashing, memory-hungry, endless and hostile ones, compares every end with what is expected, and
 * fails where the zygote has leaked memory, descriptors or processes.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { guests } from '../tests/runtime/guests.ts';
import { TestContainers } from '../tests/runtime/test-containers.ts';

const count = Number(process.argv[2] ?? 10_000);
const atOnce = 4;
const mebibyte = 1024 * 1024;
const allowedGrowth = 64 * mebibyte;
/** Connections that may be about to close while descriptors are counted. */
const connections = 4;
const hostileZygote = path.resolve(import.meta.dirname, '../tests/runtime/hostile-zygote.ts');
const config = { maxForks: 1_000_000, maxResidentBytes: 1024 * mebibyte, idleTimeout: 600_000 };

interface Case {
  readonly name: string;
  readonly containers: TestContainers;
  readonly modulePath: string;
  readonly args?: readonly string[];
  readonly memoryBytes?: number;
  /** Killed as soon as it has started. */
  readonly kill?: boolean;
  readonly exitCode: number;
}

await using real = new TestContainers('fork', { config });
await using hostile = new TestContainers('fork', { main: hostileZygote, config });

const cases: readonly Case[] = [
  { name: 'hello', ...guest('hello', guests.hello(7)), exitCode: 7 },
  { name: 'trap', ...guest('trap', guests.trap), exitCode: 134 },
  { name: 'chatter', ...guest('chatter', guests.chatter), exitCode: 0 },
  { name: 'hungry', ...guest('hungry', guests.hungry), memoryBytes: 64 * mebibyte, exitCode: 0 },
  { name: 'endless', ...guest('spin', guests.spin), kill: true, exitCode: 137 },
  { name: 'unlinkable', ...guest('unlinkable', guests.unlinkable), exitCode: 125 },
  { name: 'reading', ...attack('read', '/etc/passwd'), exitCode: 0 },
  { name: 'forking', ...attack('fork'), exitCode: 159 },
  { name: 'executing', ...attack('execute', '/bin/true'), exitCode: 159 },
  { name: 'killing', ...attack('kill', '1'), exitCode: 159 },
];

function guest(name: string, text: string) {
  return { containers: real, modulePath: real.module(name, text) };
}

function attack(...args: readonly string[]) {
  return { containers: hostile, modulePath: '/dev/null', args };
}

async function runCase(wanted: Case): Promise<void> {
  const { containers, modulePath, args = ['soak'], memoryBytes, kill, exitCode } = wanted;
  const limits = memoryBytes === undefined ? {} : { memoryBytes };
  const container = containers.create({ modulePath, args, limits });
  const { pid } = await containers.start(container);
  if (kill) process.kill(-pid, 'SIGKILL');
  const end = await container.ended();
  if (end.exitCode !== exitCode) wrong.push(`${wanted.name}: ${JSON.stringify(end)}`);
  rmSync(container.directory, { recursive: true });
  rmSync(path.dirname(container.spec.log.path), { recursive: true });
}

interface Condition {
  readonly residentBytes: number;
  readonly descriptors: number;
  readonly children: number;
}

async function conditionOf(containers: TestContainers): Promise<Condition> {
  const status = await containers.starter.status('test');
  if (status === undefined) throw new Error('Cannot go on: the zygote is gone');
  const { pid, residentBytes } = status;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return {
    residentBytes,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    children: children.filter((child) => child !== '').length,
  };
}

function compare(name: string, before: Condition, after: Condition): void {
  const growth = after.residentBytes - before.residentBytes;
  console.log(
    `${name} zygote: ${(after.residentBytes / mebibyte).toFixed(1)} MiB resident ` +
      `(${(growth / mebibyte).toFixed(1)} MiB more), ${after.descriptors} descriptors ` +
      `(before: ${before.descriptors}), ${after.children} children (before: ${before.children})`,
  );
  if (growth > allowedGrowth) wrong.push(`${name} zygote has grown by ${growth} bytes`);
  if (after.descriptors > before.descriptors + connections)
    wrong.push(`${name} zygote leaks descriptors`);
  if (after.children > before.children) wrong.push(`${name} zygote has children left`);
}

const wrong: string[] = [];
let next = 0;

async function work(until: number): Promise<void> {
  while (next < until) {
    const wanted = cases[next++ % cases.length];
    if (wanted !== undefined) await runCase(wanted);
  }
}

async function runUntil(until: number): Promise<void> {
  await Promise.all(Array.from({ length: atOnce }, () => work(until)));
}

await runUntil(Math.min(count, 10 * cases.length)); // until here everything is new
const before = { real: await conditionOf(real), hostile: await conditionOf(hostile) };
const start = performance.now();
await runUntil(count);
const seconds = (performance.now() - start) / 1000;
console.log(`${count} containers; ${((count - 100) / seconds).toFixed(0)} a second`);
await new Promise((resolve) => setTimeout(resolve, 500)); // the last spare child is forked
compare('real', before.real, await conditionOf(real));
compare('hostile', before.hostile, await conditionOf(hostile));
for (const line of wrong.slice(0, 20)) console.error(line);
console.log(wrong.length === 0 ? 'everything as expected' : `${wrong.length} surprises`);
process.exitCode = wrong.length === 0 ? 0 : 1;
