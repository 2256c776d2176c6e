import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { ok } from '../abi/variants.ts';
import { Fields } from './fields.ts';
import { OutgoingResponse } from './messages.ts';
import { ResponseWriter } from './response-writer.ts';

/** Less than a guest may write without waiting. */
const large = 250_000;
/** Answers that a client may leave unread until the system takes no more for it. */
const mostUnread = 400;
/** Chunks that are not of a size with the buffers. */
const chunkSize = 4_099;

/** A server whose answers are as long as the path says, and of one letter, by the order of requests. */
async function serve() {
  const responses: ServerResponse[] = [];
  const server = createServer((request, response) => {
    answer(request, response, letter(responses.length));
    responses.push(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, responses, [Symbol.asyncDispose]: async () => void server.close() };
}

function letter(number: number): string {
  return String.fromCharCode('a'.charCodeAt(0) + (number % 26));
}

function answer(request: IncomingMessage, response: ServerResponse, contents: string): void {
  const writer = new ResponseWriter(response);
  const head = new OutgoingResponse(new Fields());
  const body = head.takeBody();
  writer.respond(ok(head));
  for (let left = Number(request.url?.slice(1)); left > 0; left -= chunkSize) {
    const chunk = Buffer.alloc(Math.min(left, chunkSize), contents);
    body?.write(chunk);
    chunk.fill('!'); // it is the guest's memory
  }
  body?.finish([]);
}

function get(size: number): string {
  return `GET /${size} HTTP/1.1\r\nhost: x\r\n\r\n`;
}

/** So many bytes of bodies, from the beginning; answers have the lengths of their requests. */
async function bodies(client: Socket, sizes: readonly number[]): Promise<string[]> {
  let text = '';
  const found: string[] = [];
  for await (const chunk of client) {
    text += chunk.toString('latin1');
    for (;;) {
      const start = text.indexOf('\r\n\r\n') + 4;
      const size = sizes[found.length] ?? 0;
      if (start < 4 || text.length < start + size) break;
      assert.match(text.slice(0, start), new RegExp(`^content-length: ${size}\r$`, 'm'));
      found.push(text.slice(start, start + size));
      text = text.slice(start + size);
      if (found.length === sizes.length) return found;
    }
  }
  throw new Error('The server closed the connection');
}

describe('ResponseWriter', { timeout: 20_000 }, () => {
  it('sends bodies of any size whole, with their lengths', async () => {
    await using server = await serve();
    for (const size of [0, 1, chunkSize, 8192, 8193, 16_384, 65_536, 65_537, large]) {
      const client = connect(server.port, '127.0.0.1');
      client.write(get(size));
      const [body] = await bodies(client, [size]);
      assert.equal(body?.length, size);
      assert.ok(new Set(body).size <= 1);
    }
  });

  for (const [method, status, expected] of [
    ['GET', 200, /^HTTP\/1.1 500 .*\r\ncontent-length: 0\r\n/s],
    ['GET', 304, /^HTTP\/1.1 304 .*\r\ncontent-length: 7\r\n/s],
    ['HEAD', 200, /^HTTP\/1.1 200 .*\r\ncontent-length: 7\r\n/s],
  ] as const) {
    it(`answers ${method} by ${status}, where the guest tells a length and gives no body`, async () => {
      const server = createServer((_request, response) => {
        const fields = new Fields();
        fields.append('content-length', '7');
        const head = new OutgoingResponse(fields);
        head.status = status;
        new ResponseWriter(response).respond(ok(head));
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
      client.write(`${method} / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
      assert.match(Buffer.concat(await client.toArray()).toString('latin1'), expected);
      server.close();
    });
  }

  it('keeps what the system does not take at once as it was', async () => {
    await using server = await serve();
    const slow = connect(server.port, '127.0.0.1').pause();
    let unread = 0;
    while (unread < mostUnread && server.responses.every((response) => response.writableFinished)) {
      slow.write(get(large));
      unread += 1;
      while (server.responses.length < unread) await setImmediate();
      await setImmediate();
    }
    assert.ok(unread < mostUnread, 'the system takes everything');
    slow.write(get(large)); // waits behind the one before
    while (server.responses.length <= unread) await setImmediate();
    const fast = connect(server.port, '127.0.0.1');
    fast.write(get(large).repeat(10));
    await bodies(fast, Array(10).fill(large));
    for (const [number, body] of (await bodies(slow, Array(unread + 1).fill(large))).entries()) {
      assert.equal(body, letter(number).repeat(large), `answer ${number} of ${unread + 1}`);
    }
  });
});
