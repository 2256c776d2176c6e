import type { ContainerSpec } from '../../container-spec.ts';
import { isCgi } from '../cgi/is-cgi.ts';
import { sendsRequests } from '../sends-requests.ts';
import { needsOf } from './component-needs.ts';
import { openComponent, readLayer } from './open-component.ts';

/**
 * Whether a container's guest needs an event loop: a component that serves or sends HTTP, or is of
 * WASI 0.3, or a module that answers as CGI programs do or sends requests.
 */
export function needsEventLoop(spec: ContainerSpec): boolean {
  if (spec.engine !== 'v8' || spec.exec?.program === 'builtin') return false;
  if (readLayer(spec.modulePath) !== 'component') return isCgi(spec) || sendsRequests(spec);
  const component = openComponent(spec);
  if (component.kind === 'unusable') return false;
  const needs = needsOf(component.plan);
  return needs === 'http-server' || needs === 'event-loop-command';
}
