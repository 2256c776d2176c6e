import type { ContainerSpec } from '../container-spec.ts';
import { loadProgramPart } from '../program-part.ts';
import { bodyName, type ContainerBody } from './container-body.ts';

/**
 * Loads what runs a container, and nothing of what runs others: for processes that are executed for
 * one container. Several hundred files would take most of its start.
 */
export function loadContainerBody(spec: ContainerSpec): ContainerBody {
  const name = bodyName(spec);
  switch (name) {
    case 'builtin':
      return loadProgramPart('runtime/builtin/builtin-body').builtinBody;
    case 'component':
      return loadProgramPart('runtime/engines/component/component-body').componentBody;
    case 'v8':
      return loadProgramPart('runtime/engines/v8-body').v8Body;
    case 'wasmtime':
      return loadProgramPart('runtime/engines/wasmtime/wasmtime-body').wasmtimeBody;
    default:
      return name satisfies never;
  }
}
