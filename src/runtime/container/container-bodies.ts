import { v8Body } from '../engines/v8-body.ts';
import type { ContainerBodies } from './container-body.ts';

/** The engines that container processes have. */
export const containerBodies: ContainerBodies = { v8: v8Body };
