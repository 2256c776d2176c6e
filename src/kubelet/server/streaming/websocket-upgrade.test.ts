import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { WebSocketUpgrader } from './websocket-upgrade.ts';

describe('WebSocketUpgrader', () => {
  const cases: readonly (readonly [offered: string, agreed: string | undefined])[] = [
    ['v5.channel.k8s.io', 'v5.channel.k8s.io'],
    ['other, v5.channel.k8s.io', 'v5.channel.k8s.io'],
    ['SPDY/3.1+portforward.k8s.io', 'SPDY/3.1+portforward.k8s.io'],
    ['other, SPDY/3.1+portforward.k8s.io', 'SPDY/3.1+portforward.k8s.io'],
    ['', undefined],
  ];
  for (const [offered, agreed] of cases) {
    it(`agrees on ${agreed ?? 'nothing'} where '${offered}' is offered`, async () => {
      const upgrader = new WebSocketUpgrader(['v5.channel.k8s.io', 'SPDY/3.1+portforward.k8s.io']);
      await using server = http.createServer();
      server.on('upgrade', async (request, socket, head) => {
        assert.ok(upgrader.accepts(request));
        (await upgrader.upgrade(request, socket, head)).terminate();
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const request = http.get({ host: '127.0.0.1', port, headers: handshake(offered) });
      const [{ statusCode, headers }, socket] = await once(request, 'upgrade');
      socket.destroy();
      assert.equal(statusCode, 101);
      assert.equal(headers['sec-websocket-protocol'], agreed);
    });
  }
});

function handshake(protocols: string): Record<string, string> {
  return {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...(protocols === '' ? {} : { 'sec-websocket-protocol': protocols }),
  };
}
