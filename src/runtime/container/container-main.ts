import { containerBodies } from './container-bodies.ts';
import { runContainer } from './run-container.ts';

/* The script that is a container process in the exec form. */

runContainer(containerBodies);
