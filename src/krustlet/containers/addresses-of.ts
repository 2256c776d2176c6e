import type { ContainerSpec } from '../../runtime/container-spec.ts';
import { httpIsolationOf } from '../../runtime/engines/component/http-isolation.ts';
import { podNameOf } from './container-summary.ts';

/**
 * Where a container is reached, as `address:port` each: what it listens on. What a component listens
 * on by sockets of its own is not known, so of a pod without ports it is the bare address.
 */
export function addressesOf(spec: ContainerSpec): readonly string[] {
  if (spec.http !== undefined && servesHttp(spec)) return [endpoint(spec.http.listen)];
  if (spec.listeners.length > 0) return spec.listeners.map(endpoint);
  return podNameOf(spec) === undefined ? [] : (spec.network?.addresses ?? []);
}

function servesHttp(spec: ContainerSpec): boolean {
  return spec.http?.cgi === true || httpIsolationOf(spec) !== undefined;
}

function endpoint({ address, port }: { readonly address: string; readonly port: number }): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
