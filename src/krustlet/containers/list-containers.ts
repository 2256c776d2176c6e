import type { CommonOptions, Invocation } from '../cli/invocation.ts';
import { formatAge } from '../output/format-age.ts';
import type { OutputFormat } from '../output/output-format.ts';
import { formatListing } from '../output/output-format.ts';
import { addressesOf } from './addresses-of.ts';
import { type ContainerSummary, describeState, imageLabel } from './container-summary.ts';
import { Machine } from './machine.ts';

export interface PsOptions extends CommonOptions {
  readonly all?: boolean;
  readonly quiet?: boolean;
  readonly output: OutputFormat;
}

/** Prints the containers that run, or all of them. */
export async function listContainers(invocation: Invocation, options: PsOptions): Promise<void> {
  using machine = new Machine({ dataDir: invocation.dataDir(options) });
  const containers = machine
    .list()
    .filter(({ state }) => options.all === true || state.kind === 'running');
  if (options.quiet === true) {
    for (const { id } of containers) invocation.print(`${id}\n`);
    return;
  }
  const now = invocation.host.now();
  invocation.print(
    formatListing(options.output, {
      headings: ['NAME', 'STATE', 'AGE', 'PID', 'ADDRESS', 'MODULE'],
      rows: containers.map((container) => rowOf(container, now)),
      json: containers.map(jsonOf),
    }),
  );
}

function rowOf({ name, spec, state }: ContainerSummary, now: Date): string[] {
  const startedAt = startOf(state);
  return [
    name,
    describeState(state),
    startedAt === undefined ? '' : formatAge(startedAt, now),
    state.kind === 'running' ? String(state.pid) : '',
    addressesOf(spec).join(' '),
    spec.labels[imageLabel] ?? spec.modulePath,
  ];
}

/**
 * What the table shows, for programs. The environment is left to `inspect`, as with other container
 * tools: lists are pasted and logged, and pods have passwords in theirs.
 */
function jsonOf({ id, name, spec, state }: ContainerSummary): object {
  const { engine, listeners, labels, modulePath } = spec;
  const image = labels[imageLabel] ?? modulePath;
  return { id, name, image, engine, state, addresses: addressesOf(spec), listeners };
}

function startOf(state: ContainerSummary['state']): Date | undefined {
  switch (state.kind) {
    case 'created':
      return undefined;
    case 'running':
      return state.startedAt;
    case 'exited':
      return state.exit.startedAt;
    default:
      return state satisfies never;
  }
}
