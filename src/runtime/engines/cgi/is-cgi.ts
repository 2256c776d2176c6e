import type { ContainerSpec } from '../../container-spec.ts';

/** Whether a container's module, not a program beside it, answers HTTP as CGI programs do. */
export function isCgi({ engine, exec, http }: ContainerSpec): boolean {
  return engine === 'v8' && exec === undefined && http?.cgi === true;
}
