import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Invocation } from '../cli/invocation.ts';
import { UserError } from '../cli/user-error.ts';
import type { RmOptions } from '../commands/rm.ts';
import type { ContainerSummary } from './container-summary.ts';
import { Machine } from './machine.ts';

/** Removes containers with their logs and prints each one's name. */
export async function removeContainers(
  invocation: Invocation,
  names: readonly string[],
  options: RmOptions,
): Promise<void> {
  using machine = new Machine({ dataDir: invocation.dataDir(options) });
  const found = names.map((name) => machine.find(name));
  for (const container of found) {
    if (container.state.kind === 'running' && options.force !== true) {
      throw new UserError(
        `removing '${container.name}' failed: it runs; stop it first, or use --force`,
      );
    }
  }
  await Promise.all(found.map((container) => removeContainer(machine, container)));
  for (const { name } of found) invocation.print(`${name}\n`);
}

/** Ends a container at once if it runs, and removes all that is kept of it. */
export async function removeContainer(machine: Machine, summary: ContainerSummary): Promise<void> {
  const container = machine.open(summary);
  await container.stop(0);
  await container.remove();
  await rm(path.dirname(summary.spec.log.path), { recursive: true, force: true });
}
