import type { ContainerBodies } from './container-body.ts';
export const containerBodies = {} as ContainerBodies;
