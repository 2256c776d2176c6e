import { createRequire } from 'node:module';
import path from 'node:path';
import type { ContainerSpec } from '../container-spec.ts';
import { bodyName, type ContainerBody } from './container-body.ts';

/**
 * Loads what runs a container, and nothing of what runs others: for processes that are executed for
 * one container. Several hundred files would take most of its start.
 */
export function loadContainerBody(spec: ContainerSpec): ContainerBody {
  const load = createRequire(import.meta.filename);
  const extension = path.extname(import.meta.filename);
  const name = bodyName(spec);
  switch (name) {
    case 'builtin': {
      const { builtinBody }: typeof import('../builtin/builtin-body.ts') = load(
        `../builtin/builtin-body${extension}`,
      );
      return builtinBody;
    }
    case 'component': {
      const { componentBody }: typeof import('../engines/component/component-body.ts') = load(
        `../engines/component/component-body${extension}`,
      );
      return componentBody;
    }
    case 'v8': {
      const { v8Body }: typeof import('../engines/v8-body.ts') = load(
        `../engines/v8-body${extension}`,
      );
      return v8Body;
    }
    case 'wasmtime': {
      const { wasmtimeBody }: typeof import('../engines/wasmtime/wasmtime-body.ts') = load(
        `../engines/wasmtime/wasmtime-body${extension}`,
      );
      return wasmtimeBody;
    }
    default:
      return name satisfies never;
  }
}
