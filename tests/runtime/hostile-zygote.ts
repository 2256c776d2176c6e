import path from 'node:path';
import { ensureForkable } from '../../src/runtime/launcher/ensure-forkable.ts';

/* A zygote whose containers run attacks. */

ensureForkable(import.meta.filename);

const { runZygote } = await import('../../src/runtime/zygote/run-zygote.ts');
const { hostileBody } = await import('./hostile-body.ts');

await runZygote({
  bodies: { v8: hostileBody },
  containerMain: path.join(import.meta.dirname, 'hostile-container.ts'),
});
