import type { ContainerSpec } from '../../container-spec.ts';
import { isCgi } from '../cgi/is-cgi.ts';
import { readLayer } from '../read-layer.ts';
import { sendsRequests } from '../sends-requests.ts';
import { needsOf } from './component-needs.ts';
import { readPreparedHeader } from './read-prepared-header.ts';

/** Three times that of a whole Python; a longer one would take too long to read. */
const longestHeader = 1024 * 1024;

/**
 * Whether a container's guest gets an event loop: a component that serves or sends HTTP, or is of
 * WASI 0.3, or a module that answers as CGI programs do or sends requests, needs one.
 *
 * Asked where others wait, so nothing is read that a guest could change, and no component is taken
 * apart: what is not known beforehand gets an event loop, with which everything runs.
 */
export function needsEventLoop(spec: ContainerSpec): boolean {
  if (spec.engine !== 'v8' || spec.exec?.program === 'builtin') return false;
  if (spec.exec?.program === 'mounted') return true;
  if (readLayer(spec) !== 'component') return isCgi(spec) || sendsRequests(spec);
  const header =
    spec.preparedPath === undefined
      ? undefined
      : readPreparedHeader(spec.preparedPath, { longest: longestHeader });
  const needs = header && needsOf(header.plan);
  return needs !== 'command';
}
