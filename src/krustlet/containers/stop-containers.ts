import type { Invocation } from '../cli/invocation.ts';
import type { StopOptions } from '../commands/stop.ts';
import { parseSeconds } from '../options/parse-duration.ts';
import { Machine } from './machine.ts';

/** Ends containers side by side and prints each one's name when it has ended. */
export async function stopContainers(
  invocation: Invocation,
  names: readonly string[],
  options: StopOptions,
): Promise<void> {
  const grace = parseSeconds('--time', options.time);
  using machine = new Machine({ dataDir: invocation.dataDir(options) });
  const found = names.map((name) => machine.find(name));
  await Promise.all(
    found.map(async (container) => {
      if (container.state.kind === 'running') await machine.open(container).stop(grace);
      invocation.print(`${container.name}\n`);
    }),
  );
}
