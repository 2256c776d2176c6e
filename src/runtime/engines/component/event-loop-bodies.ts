import type { BodyEnd, OpenedBody } from '../../container/container-body.ts';
import type { ContainerSpec } from '../../container-spec.ts';
import { eventLoopNeeds } from '../outgoing-http.ts';
import { type CommandInit, exited, explainCommandEnd, loadCommand } from './run-command.ts';
import { withHttp } from './with-http.ts';

export { openHttpServer } from './open-http-server.ts';
export { rehearseHttp } from './rehearsal/rehearse-http.ts';
export { threadSources } from './threads/thread-sources.ts';

/** A command that waits on the event loop, and sends HTTP requests as far as the spec lets it. */
export function openEventLoopCommand(spec: ContainerSpec, init: CommandInit): OpenedBody {
  const world = withHttp(init.world, spec);
  return { ...eventLoopNeeds(spec.http), run: () => runOnEventLoop({ ...init, world }) };
}

async function runOnEventLoop(init: CommandInit): Promise<BodyEnd> {
  let command: ReturnType<typeof loadCommand> | undefined;
  try {
    command = loadCommand(init);
    return exited(await command.run());
  } catch (error) {
    return explainCommandEnd(error, init, command);
  } finally {
    init.stdio.end();
  }
}
