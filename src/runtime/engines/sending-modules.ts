import type { ModuleRequests } from '../../wasi/experimental-http/module-requests.ts';
import type { Routes } from '../../wasi/network/routes.ts';
import type { System } from '../../wasi/system/system.ts';
import type { OpenedBody } from '../container/container-body.ts';
import type { ContainerSpec } from '../container-spec.ts';
import { guestNetwork, networkNeeds } from './component/component-network.ts';
import { eventLoopNeeds, loadClient, outgoingParts } from './outgoing-http.ts';

/** What a module sends requests with, and what that needs of the sandbox. */
export interface ModuleClient {
  readonly http: ModuleRequests;
  readonly needs: Pick<OpenedBody, 'files' | 'tcp' | 'sockets' | 'threads'>;
}

/** Makes a module's client; undefined where the spec lets it send nothing. */
export function openModuleClient(
  spec: ContainerSpec,
  { routes, system }: { readonly routes: Routes; readonly system: System },
): ModuleClient | undefined {
  const network = spec.network && guestNetwork(spec.network, { system, routes });
  const parts = outgoingParts(spec, { system, network });
  if (parts === undefined) return undefined;
  const { ModuleHttp } = loadClient('wasi/experimental-http/module-http');
  const needs = eventLoopNeeds(spec.http);
  return {
    http: new ModuleHttp(parts.components, parts.init),
    needs: { ...needs, ...networkNeeds(spec, needs) },
  };
}
