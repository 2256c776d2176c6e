import { once } from 'node:events';
import { PlainServer } from './plain-server.ts';

/* `plain-main.ts FILE`: the floor, until its parent lets go of it. */

const [file = ''] = process.argv.slice(2);

await using plain = await PlainServer.start(file);
process.send?.(plain.port);
await once(process, 'disconnect');
