import type { ContainerSpec } from '../../container-spec.ts';
import { needsOf } from './component-needs.ts';
import { readPreparedHeader } from './read-prepared-header.ts';

/** How the requests to a container that serves HTTP are kept apart from each other, and why so. */
export interface HttpIsolation {
  readonly kind: 'reset' | 'fresh' | 'shared';
  readonly reason: string;
}

/** Undefined for a container that serves no HTTP, or whose component was not prepared. */
export function httpIsolationOf(spec: ContainerSpec): HttpIsolation | undefined {
  const header =
    spec.preparedPath === undefined ? undefined : readPreparedHeader(spec.preparedPath);
  if (header === undefined || needsOf(header.plan) !== 'http-server') return undefined;
  if (spec.http?.serving.shareState) {
    return { kind: 'shared', reason: 'it was asked that requests find what earlier ones left' };
  }
  const { isolation } = header;
  return isolation.kind === 'reset'
    ? { kind: 'reset', reason: 'all that a request changes in an instance can be restored' }
    : { kind: 'fresh', reason: isolation.detail };
}
