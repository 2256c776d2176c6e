import { loadContainerBody } from './load-container-body.ts';
import { runExecuted } from './run-executed.ts';

/* The script that the launcher executes: a container process in the exec form. */

runExecuted(loadContainerBody);
