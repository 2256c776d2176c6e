import { once } from 'node:events';
import { finished, pipeline } from 'node:stream/promises';
import type { LogOnDisk } from '../../logs/log-files.ts';
import { readLog } from '../../logs/read-log.ts';
import type { AttachContainer, Container } from '../../provider.ts';
import { HttpError } from '../http/http-error.ts';
import type { Route } from '../http/router.ts';
import type { KubeletHost, ServedContainer } from '../kubelet-host.ts';
import { exitStatus } from '../streaming/command-status.ts';
import type { RemoteCommand } from '../streaming/remote-command.ts';
import { ContainerEnds } from './container-ends.ts';
import { remoteCommandRoutes } from './remote-command-routes.ts';

/**
 * `/attach/{namespace}/{pod}/{container}`: the container's output from now on, and its stdin where
 * it has one.
 */
export function attach(host: KubeletHost): Route[] {
  const ends = new ContainerEnds();
  return remoteCommandRoutes('attach', host, (served, request, options) => {
    const { container, log } = running(served, request.params.container ?? '');
    if (options.stdin) requireStdin(served, request.params.container ?? '');
    return async (client) => {
      // What the container answers to the first of its input has to be seen.
      const listening = Promise.withResolvers<void>();
      const input = listening.promise.then(() => sendInput(container, client));
      const init = { log, ended: ends.of(container), onPositioned: listening.resolve };
      const output = sendOutput(client, init);
      const sizes = forwardSizes(container, client);
      await Promise.all([input, sizes, output.then(() => reportEnd(container, client))]);
    };
  });
}

async function reportEnd(container: Container, client: RemoteCommand): Promise<void> {
  if (client.signal.aborted) return;
  const { exitCode } = await container.exited;
  await client.finish(exitStatus(exitCode));
}

function running(served: ServedContainer, name: string) {
  const container = served.current;
  const log = served.log({ previous: false });
  if (container === undefined || log === undefined) {
    throw new HttpError('BadRequest', `container not found ("${name}")`);
  }
  return { container, log };
}

function requireStdin(served: ServedContainer, name: string): void {
  if (served.stdin) return;
  throw new HttpError(
    'BadRequest',
    `container "${name}" has no stdin: set stdin: true in its spec`,
  );
}

interface OutputInit {
  readonly log: LogOnDisk;
  /** Of the container. */
  readonly ended: AbortSignal;
  readonly onPositioned: () => void;
}

async function sendOutput(client: RemoteCommand, init: OutputInit): Promise<void> {
  const { log, ...wake } = init;
  const query = { follow: true, tailLines: 0 };
  const options = { ...wake, signal: client.signal };
  for await (const { stream, bytes } of readLog(log, query, options)) {
    const target = client[stream] ?? (stream === 'stderr' ? undefined : client.stdout);
    if (target?.write(bytes) === false) await once(target, 'drain', { signal: client.signal });
  }
}

/** Copies the client's input until either side ends; a client that only detaches is no error. */
async function sendInput(container: Container, client: RemoteCommand): Promise<void> {
  if (client.stdin === undefined || !isAttachable(container)) return;
  const input = await container.openStdin({ signal: client.signal });
  await pipeline(client.stdin, input).catch(() => {
    input.destroy();
  });
  await finished(input, { error: false });
}

async function forwardSizes(container: Container, client: RemoteCommand): Promise<void> {
  if (client.resize === undefined || !isAttachable(container)) return;
  for await (const size of client.resize) await container.resize(size);
}

function isAttachable(container: Container): container is AttachContainer {
  return 'openStdin' in container;
}
