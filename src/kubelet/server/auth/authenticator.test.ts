import assert from 'node:assert/strict';
import { once } from 'node:events';
import { IncomingMessage } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import { describe, it } from 'node:test';
import { connect, createServer } from 'node:tls';
import {
  createCertificate,
  createSelfSignedCertificate,
} from '../../../kubernetes/certificates/certificate.ts';
import * as der from '../../../kubernetes/certificates/der.ts';
import { KeyPair } from '../../../kubernetes/certificates/key-pair.ts';
import { pem } from '../../../kubernetes/certificates/pem.ts';
import type { Subject } from '../../../kubernetes/certificates/subject.ts';
import type { AccessReviews } from './access-reviews.ts';
import { Authenticator } from './authenticator.ts';
import type { User } from './user.ts';

/** Knows the token `valid`; answers when it is told to. */
class Reviews implements AccessReviews {
  asked = 0;
  answering = Promise.resolve();

  async reviewToken(token: string): Promise<User | undefined> {
    this.asked++;
    await this.answering;
    return token === 'valid' ? { name: 'jane', groups: [] } : undefined;
  }

  reviewAccess(): Promise<boolean> {
    return Promise.resolve(false);
  }
}

class TestClock {
  milliseconds = 0;

  now(): number {
    return this.milliseconds;
  }

  sleep(): Promise<void> {
    return Promise.reject(new Error('sleep: nobody waits'));
  }
}

function start() {
  const reviews = new Reviews();
  const clock = new TestClock();
  const authenticator = new Authenticator({ reviews, clock });
  const ask = async (token: string): Promise<string | undefined> => {
    const request = new IncomingMessage(new Socket());
    request.headers.authorization = `Bearer ${token}`;
    return (await authenticator.authenticate(request))?.name;
  };
  return { reviews, clock, ask };
}

describe('Authenticator', () => {
  it('believes a valid token for two minutes', async () => {
    const { reviews, clock, ask } = start();
    for (const at of [0, 119_999]) {
      clock.milliseconds = at;
      assert.equal(await ask('valid'), 'jane');
    }
    assert.equal(reviews.asked, 1);
    clock.milliseconds = 120_000;
    await ask('valid');
    assert.equal(reviews.asked, 2);
  });

  it('asks about a token that is not valid once in ten seconds', async () => {
    const { reviews, clock, ask } = start();
    for (const at of [0, 9_999]) {
      clock.milliseconds = at;
      assert.equal(await ask('wrong'), undefined);
    }
    assert.equal(reviews.asked, 1);
    clock.milliseconds = 10_000;
    await ask('wrong');
    assert.equal(reviews.asked, 2);
  });

  it('remembers a valid token through a flood of others', async () => {
    const { reviews, ask } = start();
    await ask('valid');
    for (let number = 0; number < 5_000; number++) await ask(`wrong-${number}`);
    const before = reviews.asked;
    assert.equal(await ask('valid'), 'jane');
    assert.equal(reviews.asked, before);
  });

  it('asks once about a token that many bring at the same time', async () => {
    const { reviews, ask } = start();
    const users = await Promise.all([1, 2, 3].map(() => ask('valid')));
    assert.deepEqual(users, ['jane', 'jane', 'jane']);
    assert.equal(reviews.asked, 1);
  });

  it('asks about so many tokens at once, and refuses the others', async () => {
    const { reviews, ask } = start();
    const { promise, resolve } = Promise.withResolvers<void>();
    reviews.answering = promise;
    const asked = Array.from({ length: 100 }, (_, number) => ask(`wrong-${number}`));
    const refused = asked.slice(64).map((each) => assert.rejects(each, /too many/));
    await Promise.all(refused);
    assert.equal(reviews.asked, 64);
    resolve();
    assert.deepEqual(new Set(await Promise.all(asked.slice(0, 64))), new Set([undefined]));
    assert.equal(await ask('valid'), 'jane');
  });

  const groups = [
    'a\nO=system:masters',
    'b, O=system:masters',
    'c/O=system:masters',
    'd+O=system:masters',
    'e\0system:masters',
    '"f" \\ \u00fc',
  ];

  it("takes a certificate's common name for the user, and its organizations for groups", async () => {
    const subject = { commonName: 'jane, CN=other', organizations: groups };
    const { name, groups: read = [] } = (await askByCertificate(subject)) ?? {};
    assert.equal(name, 'jane, CN=other');
    assert.deepEqual(new Set(read), new Set(groups));
  });

  it('knows nobody by a certificate without a common name', async () => {
    assert.equal(await askByCertificate({ commonName: '', organizations: groups }), undefined);
  });

  it('knows nobody by a certificate with several', async () => {
    const subject = { commonName: 'jane', organizations: ['admin'] };
    assert.equal((await askByCertificate(subject))?.name, 'jane');
    assert.equal(await askByCertificate(subject, asCommonNames), undefined);
  });
});

/** Shows a certificate with this subject to a server, and gives the user that it proves. */
async function askByCertificate(
  subject: Subject,
  change: (certificate: string, key: KeyPair) => string = (certificate) => certificate,
): Promise<User | undefined> {
  const key = KeyPair.generate();
  const issuer = { subject: { commonName: 'test-ca' }, key: KeyPair.generate() };
  const validity = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(2100, 0) };
  const ca = createSelfSignedCertificate(
    { subject: issuer.subject, use: 'authority', ...validity },
    issuer.key,
  );
  const { publicKeyInfo } = key;
  const issued = createCertificate(
    { subject, publicKeyInfo, use: 'client and server', ...validity },
    issuer,
  );
  const own = { key: key.toPem(), cert: change(issued, issuer.key) };
  const server = createServer({ ...own, ca, requestCert: true, rejectUnauthorized: false });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...own });
  try {
    const [socket] = await once(server, 'secureConnection');
    assert.equal(socket.authorized, true);
    const authenticator = new Authenticator({ reviews: new Reviews(), clock: new TestClock() });
    return await authenticator.authenticate(new IncomingMessage(socket));
  } finally {
    client.destroy();
    await once(server.close(), 'close');
  }
}

/** The certificate with common names in place of its organizations, signed again. */
function asCommonNames(certificate: string, key: KeyPair): string {
  const bytes = Buffer.from(certificate.replace(/-----.*-----|\n/g, ''), 'base64');
  const header = 4; // of a sequence whose length takes two bytes, as both here
  const body = bytes.subarray(header, 2 * header + bytes.readUInt16BE(header + 2));
  const [organization, commonName] = ['2.5.4.10', '2.5.4.3'].map(der.objectIdentifier);
  assert.ok(organization && commonName);
  for (let at = body.indexOf(organization); at >= 0; at = body.indexOf(organization)) {
    commonName.copy(body, at);
  }
  const signature = der.bitString(key.sign(body));
  return pem('CERTIFICATE', der.sequence(body, KeyPair.signatureAlgorithm, signature));
}
