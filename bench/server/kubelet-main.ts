import { once } from 'node:events';
import { ServedContainer } from './served-container.ts';

/* `kubelet-main.ts DIRECTORY LOG`: the kubelet's API, until its parent lets go of it. */

const [directory = '', logPath = ''] = process.argv.slice(2);

await using served = await ServedContainer.start({ directory, logPath, measuredPods: 110 });
process.send?.(served.port);
await once(process, 'disconnect');
