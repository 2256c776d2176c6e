import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { openListeningSocket } from './listening-socket.ts';

const port = 18_431;
const addressInUse = 98;

describe('openListeningSocket', () => {
  for (const address of ['127.0.0.1', '127.64.3.2', '::1']) {
    it(`listens on ${address}, once`, async () => {
      const fd = openListeningSocket(address, port);
      assert.ok(fd > 2);
      try {
        assert.equal(openListeningSocket(address, port), -addressInUse);
        const client = connect(port, address);
        await once(client, 'connect');
        client.destroy();
      } finally {
        closeSync(fd);
      }
    });
  }

  it('refuses what is no address', () => {
    assert.throws(() => openListeningSocket('localhost', port), /not an IP address/);
  });
});
