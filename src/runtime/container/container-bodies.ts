import { builtinBody } from '../builtin/builtin-body.ts';
import { componentBody } from '../engines/component/component-body.ts';
import { v8Body } from '../engines/v8-body.ts';
import { wasmtimeBody } from '../engines/wasmtime/wasmtime-body.ts';
import type { ContainerBodies } from './container-body.ts';

/** What container processes can run. */
export const containerBodies: ContainerBodies = {
  builtin: builtinBody,
  component: componentBody,
  v8: v8Body,
  wasmtime: wasmtimeBody,
};
