import type { ExecContainer } from '../../provider.ts';
import { HttpError } from '../http/http-error.ts';
import type { Route } from '../http/router.ts';
import type { KubeletHost, ServedContainer } from '../kubelet-host.ts';
import { exitStatus } from '../streaming/command-status.ts';
import { remoteCommandRoutes } from './remote-command-routes.ts';
import { definedStreams } from './streams.ts';

/** `/exec/{namespace}/{pod}/{container}`: runs a second program in the container. */
export function exec(host: KubeletHost): Route[] {
  return remoteCommandRoutes('exec', host, (served, request, options) => {
    const command = request.url.searchParams.getAll('command');
    if (command.length === 0) throw new HttpError('BadRequest', 'you must specify a command');
    const container = execContainer(served, request.params.container ?? '');
    return async (client) => {
      const streams = definedStreams(client);
      const exitCode = await container.exec({ command, tty: options.tty }, streams, client);
      await client.finish(exitStatus(exitCode));
    };
  });
}

/** @throws {HttpError} BadRequest where the container does not run or its provider has no exec */
export function execContainer(served: ServedContainer, name: string): ExecContainer {
  const { current } = served;
  if (current === undefined) throw new HttpError('BadRequest', `container not found ("${name}")`);
  if (!('exec' in current)) {
    throw new HttpError('BadRequest', `container "${name}" cannot exec: its runtime has no exec`);
  }
  return current as ExecContainer;
}
