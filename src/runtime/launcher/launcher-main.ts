import { launchContainer } from './launch-container.ts';

/* The script that starts a container in the exec form; see `launchContainer`. */

launchContainer();
