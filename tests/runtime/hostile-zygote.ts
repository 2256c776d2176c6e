import path from 'node:path';
import { ensureForkable } from '../../src/runtime/launcher/ensure-forkable.ts';

/* A zygote whose containers run attacks, or have a fault where their module is a component. */

ensureForkable(import.meta.filename);

const { runZygote } = await import('../../src/runtime/zygote/run-zygote.ts');
const { hostileBodies } = await import('./hostile-bodies.ts');

await runZygote({
  bodies: hostileBodies,
  containerMain: path.join(import.meta.dirname, 'hostile-container.ts'),
});
