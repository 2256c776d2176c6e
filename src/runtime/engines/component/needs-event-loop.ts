import type { ContainerSpec } from '../../container-spec.ts';
import { isCgi } from '../cgi/is-cgi.ts';
import { readLayer } from '../read-layer.ts';
import { sendsRequests } from '../sends-requests.ts';
import { type ComponentNeeds, needsOf } from './component-needs.ts';
import { openComponent } from './open-component.ts';
import { readPreparedHeader } from './read-prepared-header.ts';

/**
 * Whether a container's guest needs an event loop: a component that serves or sends HTTP, or is of
 * WASI 0.3, or a module that answers as CGI programs do or sends requests.
 */
export function needsEventLoop(spec: ContainerSpec): boolean {
  if (spec.engine !== 'v8' || spec.exec?.program === 'builtin') return false;
  if (readLayer(spec.modulePath) !== 'component') return isCgi(spec) || sendsRequests(spec);
  const needs = planNeeds(spec);
  return needs === 'http-server' || needs === 'event-loop-command';
}

/** Without reading the code of a component that was prepared. */
function planNeeds(spec: ContainerSpec): ComponentNeeds | undefined {
  const header =
    spec.preparedPath === undefined ? undefined : readPreparedHeader(spec.preparedPath);
  if (header !== undefined) return needsOf(header.plan);
  const component = openComponent(spec);
  return component.kind === 'unusable' ? undefined : needsOf(component.plan);
}
