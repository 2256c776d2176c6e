import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ResolverInit } from '../dns/resolver.ts';
import type { EgressRule } from '../http/egress-policy.ts';
import { openNameServer, type Responder, responseTo } from './testing/name-server.ts';
import { runGuest } from './testing/run-guest.ts';

const server = '127.0.0.9';
const addressRecord = 1;
const notFound = 0x8183;
const truncated = 0x8380;

async function ask(
  args: readonly string[],
  respond: Responder,
  init: { rules?: readonly EgressRule[]; resolver?: ResolverInit } = {},
) {
  await using names = await openNameServer(server, respond);
  const { output } = runGuest({
    args,
    addresses: ['127.0.0.2'],
    rules: init.rules ?? [{ hosts: ['*'] }],
    resolver: {
      servers: [{ address: server, port: names.port }],
      timeout: 300,
      attempts: 1,
      from: ['127.0.0.2'],
      ...init.resolver,
    },
  });
  return { output: await output, asked: [...new Set(names.asked)] };
}

/** Knows names; a name that is not among them is nobody's. */
function zone(names: Readonly<Record<string, readonly string[]>>): Responder {
  return (query, name, type) => {
    const addresses = names[name];
    if (addresses === undefined) return responseTo(query, [], notFound);
    return responseTo(query, type === addressRecord ? addresses : []);
  };
}

describe('ip-name-lookup', () => {
  it('tries the search domains first where a name has few dots', async () => {
    const searches = ['shop.svc.example', 'svc.example'];
    const { output, asked } = await ask(
      ['lookup', 'db.other'],
      zone({ 'db.other.svc.example': ['192.0.2.5'] }),
      {
        resolver: { searches, ndots: 5 },
      },
    );
    assert.equal(output, '192.0.2.5');
    assert.deepEqual(asked, ['db.other.shop.svc.example', 'db.other.svc.example']);
  });

  it('asks by TCP for what is too long for a datagram', async () => {
    const { output } = await ask(['lookup', 'long.example'], (query, _name, type, isTcp) => {
      if (!isTcp) return responseTo(query, [], truncated);
      return responseTo(query, type === addressRecord ? ['192.0.2.6'] : []);
    });
    assert.equal(output, '192.0.2.6');
  });

  it('asks nobody for the names of the hosts file', async () => {
    const hosts = [{ address: '192.0.2.7', names: ['Alias.example'] }];
    const { output, asked } = await ask(['lookup', 'alias.example'], zone({}), {
      resolver: { hosts },
    });
    assert.deepEqual([output, asked], ['192.0.2.7', []]);
  });

  it('fails where nobody has the name, nobody answers, or what comes is nonsense', async () => {
    const failure = /^(Uncategorized|Other|NotFound|TimedOut|WouldBlock)/;
    for (const respond of [
      zone({}),
      () => undefined,
      (query: Buffer) =>
        Buffer.concat([query.subarray(0, 12), Buffer.from([0xc0, 12, 0, 1, 0, 1])]),
      (query: Buffer) =>
        responseTo(Buffer.concat([Buffer.of(1, 2), query.subarray(2)]), ['192.0.2.1']),
    ] satisfies Responder[]) {
      assert.match((await ask(['lookup', 'a.example'], respond)).output, failure);
    }
  });

  it('asks for no name that the policy does not allow', async () => {
    const { output, asked } = await ask(
      ['lookup', 'b.example'],
      zone({ 'b.example': ['192.0.2.1'] }),
      {
        rules: [{ hosts: ['a.example'] }],
      },
    );
    assert.deepEqual([output.length > 0 && !output.includes('192.0.2.1'), asked], [true, []]);
  });

  it('lets no name lead to the node itself or to the metadata of clouds', async () => {
    for (const address of ['127.0.0.3', '169.254.169.254']) {
      const { output } = await ask(['connect', 'a.example:80'], zone({ 'a.example': [address] }), {
        rules: [{ hosts: ['a.example'] }],
      });
      assert.equal(output, 'PermissionDenied', address);
    }
  });
});
