import type { ContainerStreams } from '../../provider.ts';
import type { RemoteCommand } from '../streaming/remote-command.ts';

/** The client's streams as a container takes them: those that it did not ask for are absent. */
export function definedStreams(client: RemoteCommand): ContainerStreams {
  const { stdin, stdout, stderr, resize } = client;
  return {
    ...(stdin === undefined ? {} : { stdin }),
    ...(stdout === undefined ? {} : { stdout }),
    ...(stderr === undefined ? {} : { stderr }),
    ...(resize === undefined ? {} : { resize }),
  };
}
