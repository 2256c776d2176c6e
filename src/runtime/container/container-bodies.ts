import { builtinBody } from '../builtin/builtin-body.ts';
import { v8Body } from '../engines/v8-body.ts';
import type { ContainerBodies } from './container-body.ts';

/** What container processes can run. */
export const containerBodies: ContainerBodies = { builtin: builtinBody, v8: v8Body };
