import { gatherMappings } from '../../wasi/libc/gather-mappings.ts';
import { ensureForkable } from '../launcher/ensure-forkable.ts';
import { compactHeap } from './collect-garbage.ts';

/* The script that is a zygote. Its configuration is on standard input, one JSON document. */

ensureForkable(import.meta.filename);
gatherMappings();
compactHeap(); // moves what V8 has mapped before

const { runZygote } = await import('./run-zygote.ts');
const { containerBodies } = await import('../container/container-bodies.ts');
const { containerMain } = await import('./zygote-scripts.ts');

await runZygote({ bodies: containerBodies, containerMain });
