import { runExecuted } from '../../src/runtime/container/run-executed.ts';
import { hostileBody } from './hostile-body.ts';

/* A container process in the exec form that runs attacks. */

runExecuted(() => hostileBody);
