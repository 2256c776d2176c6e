import type { ContainerBodies } from '../../src/runtime/container/container-body.ts';
import { faultyBody } from './faulty-body.ts';
import { hostileBody } from './hostile-body.ts';

export const hostileBodies: ContainerBodies = { v8: hostileBody, component: faultyBody };
