import { httpIsolationOf } from '../../runtime/engines/component/http-isolation.ts';
import type { CommonOptions, Invocation } from '../cli/invocation.ts';
import type { ContainerSummary } from './container-summary.ts';
import { Machine } from './machine.ts';

/** Prints all that is known of containers as a JSON array. */
export async function inspectContainers(
  invocation: Invocation,
  names: readonly string[],
  options: CommonOptions,
): Promise<void> {
  using machine = new Machine({ dataDir: invocation.dataDir(options) });
  const found = names.map((name) => inspect(machine, machine.find(name)));
  invocation.print(`${JSON.stringify(found, writeBigInt, 2)}\n`);
}

function inspect(machine: Machine, container: ContainerSummary): object {
  const usage = container.state.kind === 'running' ? machine.open(container).usage() : undefined;
  const isolation = httpIsolationOf(container.spec);
  return { ...container, ...(isolation && { isolation }), ...(usage && { usage }) };
}

/** JSON has no big integers; nanoseconds of CPU time fit a number for a hundred days. */
function writeBigInt(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}
