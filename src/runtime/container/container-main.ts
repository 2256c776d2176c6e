import { receiveHandover } from '../launcher/handover.ts';
import { continueContainer } from './become-container.ts';
import { containerBodies } from './container-bodies.ts';

/* The script that the launcher executes: a container process in the exec form. */

continueContainer(receiveHandover(), containerBodies);
