import path from 'node:path';
import { ensureNoIoUring } from '../../src/runtime/launcher/ban-io-uring.ts';

ensureNoIoUring(import.meta.filename);
const { runZygote } = await import('../../src/runtime/zygote/run-zygote.ts');
const { echo } = await import('./echo-body.ts');
await runZygote({
  bodies: { v8: echo, wasmtime: echo },
  containerMain: path.join(import.meta.dirname, 'container-main.ts'),
});
