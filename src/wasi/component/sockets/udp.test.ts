import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { runGuest } from './testing/run-guest.ts';

const addresses = ['127.0.0.2'];
const rules = [{ cidrs: ['127.0.0.0/8'] }];

describe('udp', () => {
  it("exchanges datagrams from the pod's address", async () => {
    const peer = createSocket('udp4');
    peer.bind(0, '127.0.0.3');
    await once(peer, 'listening');
    const from: string[] = [];
    peer.on('message', (message, { address, port }) => {
      from.push(address);
      peer.send(`re: ${message}`, port, address);
    });
    const remote = `127.0.0.3:${peer.address().port}`;
    const { output } = runGuest({
      args: ['udp-client', '0.0.0.0:0', remote, 'a'],
      addresses,
      rules,
    });
    assert.equal(await output, `${remote} re: a`);
    assert.deepEqual(from, ['127.0.0.2']);
    peer.close();
  });

  it('answers whoever sends', async () => {
    const server = runGuest({ args: ['udp-server', '0.0.0.0:0', '1'], addresses, rules });
    const [address, port] = (await server.firstLine).split(':');
    const peer = createSocket('udp4');
    peer.bind(0, '127.0.0.3');
    await once(peer, 'listening');
    peer.send('ping', Number(port), address);
    const [answer] = await once(peer, 'message');
    assert.equal(String(answer), 'ping');
    peer.close();
    await server.output;
  });

  it('sends nothing where the policy does not allow it', async () => {
    for (const remote of ['127.0.0.3:9', '169.254.169.254:53']) {
      const args = ['udp-client', '0.0.0.0:0', remote, 'a'];
      const { output } = runGuest({ args, addresses, rules: [{ cidrs: ['0.0.0.0/0'] }] });
      assert.equal(await output, 'PermissionDenied');
    }
  });
});
