import assert from 'node:assert/strict';
import { once } from 'node:events';
import type net from 'node:net';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { describe, it } from 'node:test';
import { socketPair } from '../../../../tests/support/socket-pair.ts';
import { SpdyConnection } from '../spdy/spdy-connection.ts';
import type { SpdyStream } from '../spdy/spdy-stream.ts';
import { exitStatus } from './command-status.ts';
import { type spdyCommandProtocols, spdyRemoteCommand } from './spdy-remote-command.ts';

type Protocol = (typeof spdyCommandProtocols)[number];

class Client implements AsyncDisposable {
  readonly #socket: net.Socket;
  readonly #connection: SpdyConnection;
  readonly #running: Promise<void>;

  constructor(socket: net.Socket) {
    this.#socket = socket;
    this.#connection = new SpdyConnection(
      { transport: socket, onStream: (stream) => stream.refuse() },
      { role: 'client' },
    );
    this.#running = this.#connection.run();
  }

  open(type: string): SpdyStream {
    return this.#connection.open(new Map([['streamtype', [type]]]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    await this.#running;
  }
}

describe('spdyRemoteCommand', () => {
  it('carries stdin and stdout, and reports the exit code (v4)', async () => {
    const [near, far] = await socketPair();
    await using client = new Client(near);
    const error = client.open('error');
    const stdin = client.open('stdin');
    const stdout = client.open('stdout');
    const options = { stdin: true, stdout: true, stderr: false, tty: false };
    const command = await spdyRemoteCommand(far, 'v4.channel.k8s.io', options);
    stdin.end('over');
    assert.ok(command.stdin && command.stdout);
    await pipeline(command.stdin, command.stdout, { end: false });
    const finished = command.finish(exitStatus(3));
    assert.equal(await text(stdout), 'over');
    assert.deepEqual(JSON.parse(await text(error)), exitStatus(3));
    near.end();
    await finished;
  });

  const failures: readonly [Protocol, RegExp][] = [
    ['v3.channel.k8s.io', /^command terminated with non-zero exit code: exit status 3$/],
    ['v2.channel.k8s.io', /^command terminated with non-zero exit code: exit status 3$/],
    ['channel.k8s.io', /^command terminated with non-zero exit code: exit status 3$/],
  ];
  for (const [protocol, message] of failures) {
    it(`reports a failure as text to a client of ${protocol}`, async () => {
      const [near, far] = await socketPair();
      await using client = new Client(near);
      const error = client.open('error');
      client.open('stdout').resume();
      const options = { stdin: false, stdout: true, stderr: false, tty: false };
      const command = await spdyRemoteCommand(far, protocol, options);
      const finished = command.finish(exitStatus(3));
      assert.match(await text(error), message);
      near.end();
      await finished;
    });
  }

  it('refuses streams that were not asked for', async () => {
    const [near, far] = await socketPair();
    await using client = new Client(near);
    const options = { stdin: false, stdout: true, stderr: false, tty: false };
    const command = spdyRemoteCommand(far, 'v4.channel.k8s.io', options);
    await once(client.open('stdin'), 'close');
    client.open('error');
    client.open('stdout');
    await command;
  });

  it('fails where the client leaves before its streams are open', async () => {
    const [near, far] = await socketPair();
    const options = { stdin: false, stdout: true, stderr: false, tty: false };
    const command = spdyRemoteCommand(far, 'v4.channel.k8s.io', options);
    near.destroy();
    await assert.rejects(command, /the client is gone/);
  });
});
