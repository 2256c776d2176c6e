import type { CommandWorld } from '../../../wasi/component/command.ts';
import type { OutputSink } from '../../../wasi/component/io/output-sink.ts';
import type { GuestNetwork } from '../../../wasi/component/sockets/guest-network.ts';
import type { Preopen } from '../../../wasi/component/world.ts';
import type { Descriptor } from '../../../wasi/preview1/descriptor.ts';
import type { System } from '../../../wasi/system/system.ts';
import type { ContainerStdio } from '../../container/container-stdio.ts';
import type { ContainerSpec } from '../../container-spec.ts';
import { DescriptorSink } from './descriptor-sink.ts';

/** What is left of a mount when it has been opened. */
export type OpenMount = Pick<Descriptor, 'handle' | 'onlyFile' | 'readOnly'>;

export interface WorldComponents {
  readonly system: System;
  readonly stdio: Pick<ContainerStdio, 'stdin' | 'stdout' | 'stderr'>;
  /** The spec's mounts, opened. */
  readonly mounts: readonly OpenMount[];
  readonly network?: GuestNetwork | undefined;
}

/** What a component finds: the spec, through what was opened for it. HTTP is not among it. */
export function componentWorld(
  spec: ContainerSpec,
  { system, stdio, mounts, network }: WorldComponents,
): CommandWorld {
  const environment = spec.env.map(({ name, value }) => [name, value] as const);
  return {
    system,
    arguments: spec.args,
    environment,
    workingDirectory: spec.workingDir,
    stdin: spec.stdin === 'closed' && spec.exec === undefined ? undefined : stdio.stdin,
    stdout: sinkOf(stdio.stdout),
    stderr: sinkOf(stdio.stderr),
    preopens: mounts.map((mount, index) => preopenOf(mount, spec.mounts[index]?.guestPath ?? '/')),
    configuration: new Map(environment),
    http: undefined,
    network,
  };
}

function sinkOf(output: number | OutputSink): OutputSink {
  return typeof output === 'number' ? new DescriptorSink(output) : output;
}

function preopenOf({ handle, onlyFile, readOnly }: OpenMount, guestPath: string): Preopen {
  return { handle, guestPath, readOnly, ...(onlyFile !== undefined && { onlyFile }) };
}
