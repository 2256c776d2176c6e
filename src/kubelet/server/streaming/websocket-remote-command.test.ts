import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { pipeline } from 'node:stream/promises';
import { describe, it } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { exitStatus } from './command-status.ts';
import type { RemoteCommand, RemoteCommandOptions } from './remote-command.ts';
import { webSocketCommandProtocols, webSocketRemoteCommand } from './websocket-remote-command.ts';

interface Session extends AsyncDisposable {
  readonly client: WebSocket;
  readonly command: RemoteCommand;
  readonly received: Buffer[];
}

const all: RemoteCommandOptions = { stdin: true, stdout: true, stderr: true, tty: false };

async function session(protocol: string, options = all): Promise<Session> {
  const server = http.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const sockets = new WebSocketServer({
    server,
    handleProtocols: (offered) =>
      webSocketCommandProtocols.find((name) => offered.has(name)) ?? false,
  });
  const client = new WebSocket(`ws://127.0.0.1:${address.port}`, protocol);
  const received: Buffer[] = [];
  client.on('message', (data) => received.push(Buffer.isBuffer(data) ? data : Buffer.alloc(0)));
  const [[socket]] = await Promise.all([once(sockets, 'connection'), once(client, 'open')]);
  return {
    client,
    command: webSocketRemoteCommand(socket, options),
    received,
    async [Symbol.asyncDispose]() {
      client.terminate();
      sockets.close();
      server.close();
      server.closeAllConnections();
    },
  };
}

function channelBytes(received: readonly Buffer[], channel: number): Buffer {
  return Buffer.concat(
    received.filter((message) => message[0] === channel).map((message) => message.subarray(1)),
  );
}

describe('webSocketRemoteCommand', () => {
  it('carries 8 MB through a command that echoes, until stdin is closed (v5)', async () => {
    await using run = await session('v5.channel.k8s.io');
    const { client, command } = run;
    assert.ok(command.stdin && command.stdout);
    const sent = randomBytes(8 << 20);
    for (let at = 0; at < sent.length; at += 1 << 16) {
      client.send(Buffer.concat([Buffer.from([0]), sent.subarray(at, at + (1 << 16))]));
    }
    client.send(Buffer.from([255, 0]));
    await pipeline(command.stdin, command.stdout, { end: false });
    await command.finish(exitStatus(0));
    assert.ok(sent.equals(channelBytes(run.received, 1)));
    assert.deepEqual(JSON.parse(channelBytes(run.received, 3).toString()), exitStatus(0));
  });

  it('reports an exit code as a Status', async () => {
    await using run = await session('v4.channel.k8s.io');
    run.command.stderr?.write('oh no');
    await run.command.finish(exitStatus(7));
    assert.equal(channelBytes(run.received, 2).toString(), 'oh no');
    const status = JSON.parse(channelBytes(run.received, 3).toString());
    assert.equal(status.reason, 'NonZeroExitCode');
    assert.deepEqual(status.details.causes, [{ reason: 'ExitCode', message: '7' }]);
  });

  it('reads and writes base64', async () => {
    await using run = await session('base64.channel.k8s.io');
    run.client.send(`0${Buffer.from('ping').toString('base64')}`);
    assert.ok(run.command.stdin && run.command.stdout);
    const [chunk] = await once(run.command.stdin, 'data');
    assert.equal(String(chunk), 'ping');
    run.command.stdout.write('pong');
    await run.command.finish(exitStatus(0));
    const texts = run.received.map((message) => message.toString());
    assert.ok(texts.includes(`1${Buffer.from('pong').toString('base64')}`));
  });

  it('passes terminal sizes on', async () => {
    await using run = await session('v5.channel.k8s.io', { ...all, stderr: false, tty: true });
    run.client.send(Buffer.from('\u0004{"Width":80,"Height":24}'));
    assert.ok(run.command.resize);
    for await (const size of run.command.resize) {
      assert.deepEqual(size, { width: 80, height: 24 });
      break;
    }
  });

  it('aborts when the client vanishes', async () => {
    await using run = await session('v5.channel.k8s.io');
    run.client.terminate();
    await once(run.command.signal, 'abort');
  });

  for (const message of [
    '',
    '\u00ff',
    '\u00ff\u0009',
    '\u0009no such channel',
    '\u0004{"Width":-1}',
  ]) {
    it(`survives the message ${JSON.stringify(message)}`, async () => {
      await using run = await session('v5.channel.k8s.io', { ...all, stderr: false, tty: true });
      run.client.send(Buffer.from(message, 'latin1'));
      run.client.send(Buffer.from('\u0000ok'));
      assert.ok(run.command.stdin);
      const [chunk] = await once(run.command.stdin, 'data');
      assert.equal(String(chunk), 'ok');
    });
  }
});
