import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Clock } from '../clock.ts';
import type { ContainerSpec, ExecStdio } from '../container-spec.ts';
import type { ContainerStarter } from '../container-starter.ts';
import { ContainerProcess } from '../process/container-process.ts';
import { giveUpStart } from '../process/give-up-start.ts';
import {
  containerFiles,
  createContainerDirectory,
  removeContainerDirectory,
  writeContainerSpec,
} from '../state/container-directory.ts';
import type { ExitRecord } from '../state/exit-record.ts';
import { ExecPipes } from './exec-pipes.ts';
import { type ExecProgram, execProgram } from './exec-program.ts';
import type { ExecConnection, ExecRequest, ExecStreams } from './exec-request.ts';
import { ExecTerminal } from './exec-terminal.ts';

export interface BesideComponents {
  readonly starter: ContainerStarter;
  readonly clock: Clock;
}

export interface BesideInit {
  /** The container's. */
  readonly spec: ContainerSpec;
  readonly directory: string;
  readonly cgroups: readonly string[];
  /** Is given what resolves when the program's end is known. */
  readonly watch: (end: Promise<unknown>) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a program in a container's mounts, environment, user, cgroups and sandbox, and resolves
 * with its end when all of its output has been delivered. Nothing of it is left then.
 *
 * An aborted `signal` kills the program.
 *
 * @throws {RuntimeError} `CommandNotFound`
 * @throws {ContainerStartError}
 */
export async function runBeside(
  components: BesideComponents,
  init: BesideInit,
  request: ExecRequest,
  streams: ExecStreams,
): Promise<ExitRecord> {
  const program = execProgram(init.spec, request.command);
  const id = randomUUID();
  const directory = path.join(containerFiles(init.directory).exec, id);
  using connection = request.tty ? new ExecTerminal(streams) : new ExecPipes(directory, streams);
  try {
    const files = createContainerDirectory(directory);
    connection.open();
    const spec = specBeside(init.spec, id, request, program, connection.stdio);
    writeContainerSpec(files, spec);
    using running = await startProgram(components, init, spec, directory);
    init.watch(running.ended());
    return await accompany(running, connection, init.signal);
  } finally {
    await giveUpStart(directory);
    removeContainerDirectory(directory);
  }
}

function specBeside(
  container: ContainerSpec,
  id: string,
  request: ExecRequest,
  { program, modulePath }: ExecProgram,
  stdio: ExecStdio,
): ContainerSpec {
  // Prepared was the container's own module, and not another one that lies in its mounts.
  const { preparedPath, ...rest } = container;
  return {
    ...rest,
    ...(program !== 'mounted' && preparedPath !== undefined && { preparedPath }),
    id: `${container.id}.${id}`,
    args: request.command,
    modulePath,
    listeners: [],
    tty: request.tty,
    exec: { program, stdio },
  };
}

async function startProgram(
  { starter, clock }: BesideComponents,
  { cgroups, signal }: BesideInit,
  spec: ContainerSpec,
  directory: string,
): Promise<ContainerProcess> {
  const identity = await starter.start(spec, directory, { cgroups, signal });
  return new ContainerProcess({ directory, identity, startedAt: clock.now(), clock });
}

async function accompany(
  running: ContainerProcess,
  connection: ExecConnection,
  signal?: AbortSignal,
): Promise<ExitRecord> {
  const over = new AbortController();
  const kill = () => running.signal('SIGKILL');
  signal?.addEventListener('abort', kill, { once: true });
  if (signal?.aborted) kill();
  const delivered = connection.carry(over.signal);
  // A caller that has gone away reads nothing more: the program ends as by a broken pipe.
  delivered.catch(kill);
  try {
    const end = await running.ended();
    over.abort();
    await delivered;
    signal?.throwIfAborted();
    return end;
  } finally {
    signal?.removeEventListener('abort', kill);
  }
}
