import { containerBodies } from './container-bodies.ts';
import { runExecuted } from './run-executed.ts';

/* The script that the launcher executes: a container process in the exec form. */

runExecuted(containerBodies);
