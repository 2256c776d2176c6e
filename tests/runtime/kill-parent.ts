import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasErrorCode } from '../../src/runtime/errors.ts';
import type { RunningContainer } from '../../src/runtime/running-container.ts';
import { guests } from './guests.ts';
import type { TestRuntime } from './test-runtime.ts';

/** What was found after the parent was killed. */
export interface KillReport {
  readonly running: number;
  readonly ended: number;
  readonly neverStarted: number;
}

/**
 * Kills a parent that starts containers, at a random moment, and takes over from it: every
 * container must be there once, and each that ran must have run once. Then ends and removes all
 * and looks for what is left.
 */
export async function killParent(test: TestRuntime, round: number): Promise<KillReport> {
  const prefix = `kill-${process.pid}-${round}`;
  const modules = [test.module(guests.spin), test.module(guests.hello(0))];
  const script = path.join(import.meta.dirname, 'start-containers.ts');
  const flags = ['--disable-warning=ExperimentalWarning', script, test.dataDir, prefix];
  const parent = spawn(process.execPath, [...flags, ...modules], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(parent.stdout, 'data');
  await sleep(Math.random() * 200);
  parent.kill('SIGKILL');
  await once(parent, 'exit');

  test.restart();
  const found = await test.runtime.list();
  // A child that was forked but not yet claimed its container finds that taken, and ends.
  await sleep(300);
  const report = await inspect(found, prefix);
  await Promise.all(found.map((container) => container.stop(0)));
  await Promise.all(found.map((container) => container.remove()));
  assert.deepEqual(processesOf(prefix), new Map(), 'processes are left');
  const left = readdirSync(path.join(test.dataDir, 'containers'));
  assert.deepEqual(
    left.filter((name) => name !== '.removed'),
    [],
    'files are left',
  );
  return report;
}

async function inspect(found: readonly RunningContainer[], prefix: string): Promise<KillReport> {
  const names = found.map(({ id }) => id);
  assert.equal(new Set(names).size, names.length, 'a container was found twice');
  const processes = processesOf(prefix);
  const report = { running: 0, ended: 0, neverStarted: 0 };
  for (const container of found) {
    const { id, pid } = container;
    const pids = processes.get(id) ?? [];
    processes.delete(id);
    if (pid !== undefined) {
      assert.deepEqual(pids, [pid], `'${id}' runs, but not as this one process`);
      report.running += 1;
      continue;
    }
    assert.deepEqual(pids, [], `'${id}' has ended, but runs`);
    const { reason } = await container.exited;
    const runs = linesOf(container.spec.log.path);
    assert.equal(runs, reason === 'Completed' ? 1 : 0, `'${id}' (${reason}) ran ${runs} times`);
    report[reason === 'Completed' ? 'ended' : 'neverStarted'] += 1;
  }
  assert.deepEqual(processes, new Map(), 'processes run that no container knows');
  return report;
}

/** The container processes by their containers' ids, which their titles show. */
function processesOf(prefix: string): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const pid of readdirSync('/proc')
    .map(Number)
    .filter((entry) => entry > 0)) {
    const id = /^krustlet: ([^\0]+)/.exec(read(`/proc/${pid}/cmdline`))?.[1];
    if (!id?.startsWith(prefix)) continue;
    found.set(id, [...(found.get(id) ?? []), pid]);
  }
  return found;
}

function linesOf(file: string): number {
  return read(file).split('\n').length - 1 || 0;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ESRCH')) return '';
    throw error;
  }
}
