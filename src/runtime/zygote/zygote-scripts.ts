import path from 'node:path';

/** `.ts` in a checkout, `.js` in the published package. */
const extension = path.extname(import.meta.filename);

/** The script that is a zygote. */
export const zygoteMain = path.join(import.meta.dirname, `zygote-main${extension}`);

/** The script that starts a container process in the exec form. */
export const launcherMain = path.join(
  import.meta.dirname,
  '..',
  'launcher',
  `launcher-main${extension}`,
);

/** The script that the launcher executes. */
export const containerMain = path.join(
  import.meta.dirname,
  '..',
  'container',
  `container-main${extension}`,
);
