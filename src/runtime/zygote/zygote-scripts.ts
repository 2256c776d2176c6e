import { programFile } from '../program-file.ts';

/** The script that is a zygote. */
export const zygoteMain = programFile('runtime/zygote/zygote-main');

/** The script that starts a container process in the exec form. */
export const launcherMain = programFile('runtime/launcher/launcher-main');

/** The script that the launcher executes. */
export const containerMain = programFile('runtime/container/container-main');
