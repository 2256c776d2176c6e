/**
 * Another machine, as far as the network goes: knows where `elsewhere.example` is, answers HTTP, and echoes
 * what it is sent by TCP on port 7000. Run in a network namespace of its own, by `other-machine.sh`.
 */
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import {
  openNameServer,
  responseTo,
} from '../../src/wasi/component/sockets/testing/name-server.ts';

const everywhere = '0.0.0.0';
const own = '10.79.1.2';

await openNameServer(
  everywhere,
  (query, name) => responseTo(query, name === 'elsewhere.example' ? [own] : []),
  53,
);
createHttpServer(({ method, socket, url }, response) => {
  response.end(`${method} ${url} from ${socket.remoteAddress}`);
}).listen(80, everywhere);
createServer((socket) => socket.pipe(socket)).listen(7000, everywhere);
