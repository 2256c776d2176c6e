import type { CommonOptions, Invocation } from '../cli/invocation.ts';
import { parseSeconds } from '../options/parse-duration.ts';
import { findSupervisor, stopSupervisor } from '../pods/supervisor-record.ts';
import { type ContainerSummary, podUidOf } from './container-summary.ts';
import { Machine } from './machine.ts';

export interface StopOptions extends CommonOptions {
  readonly time: string;
}

/** Ends containers side by side and prints their names when they have ended. */
export async function stopContainers(
  invocation: Invocation,
  names: readonly string[],
  options: StopOptions,
): Promise<void> {
  const grace = parseSeconds('--time', options.time);
  using machine = new Machine({ dataDir: invocation.dataDir(options) });
  const found = names.map((name) => machine.find(name));
  await Promise.all(found.map((container) => stopContainer(machine, container, grace)));
  for (const { name } of found) invocation.print(`${name}\n`);
}

/**
 * Ends a container. One of a pod that another process runs would be started again:
 * that process then ends all of its pods, within their own grace periods.
 */
export async function stopContainer(
  machine: Machine,
  container: ContainerSummary,
  graceSeconds: number,
): Promise<void> {
  const uid = podUidOf(container.spec);
  const supervisor = uid === undefined ? undefined : findSupervisor(machine.dataDir, uid);
  if (supervisor !== undefined) await stopSupervisor(supervisor);
  else if (container.state.kind === 'running') await machine.open(container).stop(graceSeconds);
}
