import { createRequire } from 'node:module';
import { EgressPolicy } from '../../wasi/component/http/egress-policy.ts';
import type { GuardedConnectorComponents } from '../../wasi/component/http/guarded-connector.ts';
import { guestAddresses } from '../../wasi/component/http/guest-addresses.ts';
import { systemAddresses } from '../../wasi/component/http/system-addresses.ts';
import type { GuestNetwork } from '../../wasi/component/sockets/guest-network.ts';
import { Routes } from '../../wasi/network/routes.ts';
import type { System } from '../../wasi/system/system.ts';
import type { OpenedBody } from '../container/container-body.ts';
import type { ContainerSpec, HttpSpec } from '../container-spec.ts';
import { loadProgramPart, type ProgramParts } from '../program-part.ts';
import { egressFiles, egressPorts } from './component/http-access.ts';

/** What a client of HTTP is made of that sends a guest's requests. */
export interface OutgoingParts {
  readonly components: GuardedConnectorComponents;
  readonly init: { readonly from: readonly string[]; readonly maximumConcurrency?: number };
}

/** The parts by a container's spec; undefined where the guest may send nothing. */
export function outgoingParts(
  { http, network: spec }: ContainerSpec,
  { system, network }: { readonly system: System; readonly network?: GuestNetwork | undefined },
): OutgoingParts | undefined {
  if (http === undefined || http.egress.length === 0) return undefined;
  const { maximumOutgoing: maximumConcurrency } = http;
  return {
    components: {
      policy: new EgressPolicy(http.egress, { guarded: spec?.guarded ?? [] }),
      routes: network?.routes ?? new Routes(),
      resolve: network ? guestAddresses(network, system) : systemAddresses,
    },
    init: {
      from: (network && spec?.addresses) ?? [],
      ...(maximumConcurrency !== undefined && { maximumConcurrency }),
    },
  };
}

type Client = 'wasi/component/http/undici-http' | 'wasi/experimental-http/module-http';

/**
 * Loads a client for those who send requests, as it is large; and its parser, which it would load
 * with the first connection, when no file can be opened any more.
 */
export function loadClient<Name extends Client>(name: Name): ProgramParts[Name] {
  createRequire(import.meta.filename)('undici/lib/llhttp/llhttp_simd-wasm.js');
  return loadProgramPart(name);
}

/** What the event loop and a client on it need of the sandbox. */
export function eventLoopNeeds(
  http: HttpSpec | undefined,
): Pick<OpenedBody, 'files' | 'tcp' | 'threads'> {
  const egress = http?.egress ?? [];
  return {
    files: egressFiles(egress),
    tcp: { bind: [], connect: egressPorts(egress) },
    threads: 'event-loop',
  };
}
