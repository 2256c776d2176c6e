import type { CommandWorld } from '../../../wasi/component/command.ts';
import type { ContainerSpec } from '../../container-spec.ts';
import { loadClient, outgoingParts } from '../outgoing-http.ts';

/**
 * The world of a guest that may send requests. The client reads the machine's certificates when it is
 * made: before the sandbox closes.
 */
export function withHttp(world: CommandWorld, spec: ContainerSpec): CommandWorld {
  const parts = outgoingParts(spec, world);
  if (parts === undefined) return world;
  const { UndiciHttp } = loadClient('wasi/component/http/undici-http');
  return { ...world, http: new UndiciHttp(parts.components, parts.init) };
}
