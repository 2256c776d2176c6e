import { ensureNoIoUring } from '../launcher/ban-io-uring.ts';

/* The script that is a zygote. Its configuration is on standard input, one JSON document. */

ensureNoIoUring(import.meta.filename);

const { runZygote } = await import('./run-zygote.ts');
const { containerBodies } = await import('../container/container-bodies.ts');
const { containerMain } = await import('./zygote-scripts.ts');

await runZygote({ bodies: containerBodies, containerMain });
