import { rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { isKeptBy } from '../../wasi-provider/container-labels.ts';
import type { CommonOptions, Invocation } from '../cli/invocation.ts';
import { UserError } from '../cli/user-error.ts';
import { removePodRemains } from '../pods/remove-pod-remains.ts';
import { findSupervisor } from '../pods/supervisor-record.ts';
import { type ContainerSummary, podUidOf } from './container-summary.ts';
import { Machine } from './machine.ts';
import { stopContainer } from './stop-containers.ts';

export interface RmOptions extends CommonOptions {
  readonly force?: boolean;
}

/** Removes containers, all starts of them, with their logs, and prints their names. */
export async function removeContainers(
  invocation: Invocation,
  wanted: readonly string[],
  options: RmOptions,
): Promise<void> {
  using machine = new Machine({ dataDir: invocation.dataDir(options) });
  const found = wanted.map((name) => machine.find(name));
  for (const container of found) {
    if (container.state.kind === 'exited' || options.force === true) continue;
    const why =
      container.state.kind === 'running'
        ? 'it runs; stop it first, or use --force'
        : 'it is being started; use --force where its start was cut short';
    throw new UserError(`removing '${container.name}' failed: ${why}`);
  }
  const names = new Set(found.map(({ name }) => name));
  const attempts = machine.list().filter(({ name }) => names.has(name));
  await Promise.all(attempts.map((container) => removeContainer(machine, container)));
  await removeRemains(machine, attempts);
  for (const name of names) invocation.print(`${name}\n`);
}

/** What pods leave behind whose process was killed, once none of their containers is left. */
async function removeRemains(
  machine: Machine,
  removed: readonly ContainerSummary[],
): Promise<void> {
  const ofCommands = removed.filter(({ spec }) => isKeptBy('command', spec.labels));
  const left = new Set(machine.list().map(({ spec }) => podUidOf(spec)));
  for (const uid of new Set(ofCommands.map(({ spec }) => podUidOf(spec)))) {
    if (uid === undefined || left.has(uid) || findSupervisor(machine.dataDir, uid)) continue;
    await removePodRemains(machine.dataDir, uid);
  }
}

/** Ends a container at once if it runs, and removes all that is kept of it. */
async function removeContainer(machine: Machine, summary: ContainerSummary): Promise<void> {
  await stopContainer(machine, summary, 0);
  if (summary.state.kind === 'created') {
    await machine.giveUp(summary);
  } else {
    const container = machine.open(summary);
    await container.exited;
    await container.remove();
  }
  const logs = path.dirname(summary.spec.log.path);
  await rm(logs, { recursive: true, force: true });
  if (podUidOf(summary.spec) !== undefined) await rmdir(path.dirname(logs)).catch(() => {}); // of others too
}
