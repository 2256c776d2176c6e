import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type net from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { socketPair } from '../../../../tests/support/socket-pair.ts';
import { SpdyConnection } from './spdy-connection.ts';
import { SpdyError } from './spdy-error.ts';
import type { SpdyStream } from './spdy-stream.ts';

interface Pair extends AsyncDisposable {
  readonly client: SpdyConnection;
  readonly server: SpdyConnection;
  readonly serverEnd: Promise<void>;
  readonly clientSocket: net.Socket;
  readonly serverSocket: net.Socket;
}

async function connect(onStream: (stream: SpdyStream) => void): Promise<Pair> {
  const [near, far] = await socketPair();
  const client = new SpdyConnection(
    { transport: near, onStream: (s) => s.refuse() },
    { role: 'client' },
  );
  const server = new SpdyConnection({ transport: far, onStream }, { maxStreams: 200 });
  const clientEnd = client.run();
  const serverEnd = server.run();
  serverEnd.catch(() => {});
  return {
    client,
    server,
    serverEnd,
    clientSocket: near,
    serverSocket: far,
    async [Symbol.asyncDispose]() {
      near.destroy();
      far.destroy();
      await Promise.allSettled([clientEnd, serverEnd]);
    },
  };
}

function echo(stream: SpdyStream): void {
  stream.accept();
  pipeline(stream, stream).catch(() => {});
}

/** The zlib header and a stored block that counts no headers. */
const emptyHeaders = '7801000400fbff00000000';

describe('SpdyConnection', () => {
  it('carries bytes both ways and closes halves one by one', async () => {
    await using pair = await connect(echo);
    const stream = pair.client.open(new Map([['streamtype', ['stdin']]]));
    stream.end('hello');
    assert.equal(await text(stream), 'hello');
  });

  it('hands the headers of a stream to its taker', async () => {
    const seen = Promise.withResolvers<string | undefined>();
    await using pair = await connect((stream) => seen.resolve(stream.header('streamtype')));
    pair.client.open(new Map([['streamtype', ['resize']]]));
    assert.equal(await seen.promise, 'resize');
  });

  it('carries 100 streams of random bytes at once', async () => {
    await using pair = await connect(echo);
    const round = async () => {
      const sent = randomBytes(200_000);
      const stream = pair.client.open(new Map());
      stream.end(sent);
      assert.ok(sent.equals(await buffer(stream)));
    };
    await Promise.all(Array.from({ length: 100 }, round));
    assert.equal(pair.server.streams, 0);
  });

  it('holds the sender back while nobody reads', async () => {
    const taken = Promise.withResolvers<SpdyStream>();
    await using pair = await connect((stream) => {
      stream.accept();
      taken.resolve(stream);
    });
    const stream = pair.client.open(new Map());
    const chunk = Buffer.alloc(1 << 20);
    let written = 0;
    while (written < 64 && stream.write(chunk)) written++;
    await sleep(50);
    assert.ok((await taken.promise).readableLength <= 512 * 1024);
    assert.ok(written < 64);
  });

  it('refuses streams over the limit', async () => {
    await using pair = await connect((stream) => stream.accept());
    const streams = Array.from({ length: 201 }, () => pair.client.open(new Map()));
    const last = streams.at(-1);
    assert.ok(last);
    await once(last, 'close');
    assert.equal(pair.server.streams, 200);
  });

  it('resets a stream that is destroyed, at the other end too', async () => {
    const taken = Promise.withResolvers<SpdyStream>();
    await using pair = await connect((stream) => {
      stream.accept();
      taken.resolve(stream);
    });
    pair.client.open(new Map()).destroy();
    const remote = await taken.promise;
    await once(remote, 'close');
    assert.equal(pair.server.streams, 0);
  });

  it('destroys its streams when the peer vanishes', async () => {
    const taken = Promise.withResolvers<SpdyStream>();
    await using pair = await connect((stream) => taken.resolve(stream));
    pair.client.open(new Map());
    const remote = await taken.promise;
    pair.clientSocket.destroy();
    await once(remote, 'close');
    await pair.serverEnd;
  });

  it('ends on an aborted signal', async () => {
    const [near, far] = await socketPair();
    const abort = new AbortController();
    const running = new SpdyConnection({ transport: far, onStream: echo }).run(abort);
    abort.abort();
    await running;
    near.destroy();
  });

  it('gives up a peer that pings and does not read the answers', async () => {
    const [near, far] = await socketPair();
    near.on('error', () => {}); // it is cut off while it writes
    const connection = new SpdyConnection(
      { transport: far, onStream: echo },
      { maxUnsentBytes: 1 << 20 },
    );
    const ended = connection.run();
    const pings = Buffer.from('800300060000000400000001'.repeat(10_000), 'hex');
    const writeOn = () => {
      while (!near.destroyed && near.write(pings));
    };
    near.on('drain', writeOn);
    writeOn();
    await ended;
    assert.ok(far.destroyed && far.writableLength < 2 << 20);
    near.destroy();
  });

  const garbage: readonly [string, string][] = [
    ['an unknown version', '8002000100000000'],
    ['a control frame over the limit', '80030001ffffffff'],
    ['DATA on stream 0', '0000000000000001aa'],
    ['a SYN_STREAM that is too short', '800300010000000400000001'],
    ['a header block that is not zlib', '800300010000000e00000001000000000000deadbeef'],
    ['SETTINGS of the wrong length', '80030004000000080000000500000000'],
    ['a stream id of the wrong parity', `800300010000001500000002000000000000${emptyHeaders}`],
  ];
  for (const [what, hex] of garbage) {
    it(`ends with an error on ${what}`, async () => {
      await using pair = await connect(echo);
      pair.clientSocket.write(Buffer.from(hex, 'hex'));
      await assert.rejects(pair.serverEnd, SpdyError);
      pair.clientSocket.resume();
      pair.clientSocket.end('more that nobody reads');
      if (!pair.serverSocket.closed) await once(pair.serverSocket, 'close');
    });
  }

  it('survives random bytes', async () => {
    for (let round = 0; round < 50; round++) {
      const [near, far] = await socketPair();
      const running = new SpdyConnection({ transport: far, onStream: echo }).run();
      const noise = randomBytes(2000);
      if (round % 2) noise.writeUInt32BE(0x8003_0000 + 1 + (round % 9), 0);
      near.resume();
      near.end(noise);
      await running.catch((error) => assert.ok(error instanceof SpdyError));
      near.destroy();
    }
  });
});
