import path from 'node:path';
import { ensureNoIoUring } from '../../src/runtime/launcher/ban-io-uring.ts';

/* A zygote whose containers run attacks. */

ensureNoIoUring(import.meta.filename);

const { runZygote } = await import('../../src/runtime/zygote/run-zygote.ts');
const { hostileBody } = await import('./hostile-body.ts');

await runZygote({
  bodies: { v8: hostileBody },
  containerMain: path.join(import.meta.dirname, 'hostile-container.ts'),
});
