import type { ContainerSpec } from '../../container-spec.ts';

/** Whether a container's module, not a program beside it, answers HTTP as CGI programs do. */
export function isCgi({ engine, exec, http }: ContainerSpec): boolean {
  const isMain = exec === undefined || exec.program === 'main';
  return engine === 'v8' && isMain && http?.cgi === true;
}
