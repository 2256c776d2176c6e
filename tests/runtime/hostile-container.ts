import { bodyOf } from '../../src/runtime/container/container-body.ts';
import { runExecuted } from '../../src/runtime/container/run-executed.ts';
import { hostileBodies } from './hostile-bodies.ts';

/* A container process in the exec form that runs attacks, or has a fault. */

runExecuted((spec) => bodyOf(hostileBodies, spec));
