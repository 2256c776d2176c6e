import { fileAccess } from '../../wasi/libc/landlock.ts';
import { NativeNetworkSockets } from '../../wasi/native/native-network-sockets.ts';
import { withAdmission } from '../../wasi/network/admitting-sockets.ts';
import { LiveFiles } from '../../wasi/network/live-files.ts';
import { PeerPolicy } from '../../wasi/network/peer-policy.ts';
import { Routes } from '../../wasi/network/routes.ts';
import { ServiceTable } from '../../wasi/network/service-table.ts';
import type { Handle, System } from '../../wasi/system/system.ts';
import type { NetworkSpec } from '../container-spec.ts';
import { must } from '../sandbox/sandbox-error.ts';
import type { FileRule } from '../sandbox/sandbox-policy.ts';

const access = fileAccess.readFile | fileAccess.readDirectory;

/** The ways in and out of a container's pod, and what its sandbox must leave open for them. */
export interface PodRoutes {
  readonly routes: Routes;
  readonly files: readonly FileRule[];
  readonly handles: RouteHandles;
}

/** Descriptors of the directories that {@link openRoutes} has opened. */
export interface RouteHandles {
  readonly services: Handle | undefined;
  readonly peers: Handle | undefined;
}

/** Opens what the spec names of Services and NetworkPolicies; called outside the sandbox. */
export function openRoutes(network: NetworkSpec | undefined, system: System): PodRoutes {
  const files: FileRule[] = [];
  const open = (directory: string | undefined): Handle | undefined => {
    if (directory === undefined) return undefined;
    const handle = must(`open '${directory}'`, system.mounts.open(directory));
    files.push({ directory: handle, name: '.', access });
    return handle;
  };
  const handles = { services: open(network?.services), peers: open(network?.peers) };
  return { routes: routesBy(handles, network, system), files, handles };
}

/** The routes of a pod whose directories are open. */
export function routesBy(
  { services, peers }: RouteHandles,
  { addresses = [] }: Partial<NetworkSpec> = {},
  system: System,
): Routes {
  const files = (handle: Handle) => new LiveFiles({ system }, handle);
  const [client = ''] = addresses;
  return new Routes({
    ...(services !== undefined && {
      services: new ServiceTable({ system, files: files(services) }, { client }),
    }),
    ...(peers !== undefined && {
      peers: new PeerPolicy({ system, files: files(peers) }, { addresses }),
    }),
  });
}

/** The directories of {@link openRoutes}, for a sandbox that closes before they are opened. */
export function routeFiles({ services, peers }: Partial<NetworkSpec> = {}): FileRule[] {
  return [services, peers].flatMap((path) => (path === undefined ? [] : [{ path, access }]));
}

/** The system as a guest shall have it, whose listeners let in only whom the routes admit. */
export function admittingSystem(system: System, routes: Routes): System {
  if (!routes.areGuarded) return system;
  return withAdmission(system, { sockets: new NativeNetworkSockets(), routes });
}
