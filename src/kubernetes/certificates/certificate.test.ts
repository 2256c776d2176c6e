import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { createCertificate, createSelfSignedCertificate } from './certificate.ts';
import { KeyPair } from './key-pair.ts';

const authority = { subject: { commonName: 'test-ca' }, key: KeyPair.generate() };
const validity = {
  notBefore: new Date('2026-01-31T12:00:00Z'),
  notAfter: new Date('2055-12-31T23:59:59Z'),
};
const authorityPem = createSelfSignedCertificate(
  { subject: authority.subject, ...validity, use: 'authority' },
  authority.key,
);

describe('createSelfSignedCertificate', () => {
  it('makes an authority that is its own issuer', () => {
    const certificate = new X509Certificate(authorityPem);
    assert.equal(certificate.ca, true);
    assert.ok(certificate.checkIssued(certificate));
    assert.ok(certificate.verify(certificate.publicKey));
  });
});

describe('createCertificate', () => {
  const key = KeyPair.generate();
  const leaf = new X509Certificate(
    createCertificate(
      {
        subject: { commonName: 'system:node:büro', organizations: ['system:nodes', 'a:b'] },
        dnsNames: ['wasm-1', 'wasm-1.example'],
        ipAddresses: ['10.1.2.3', '2001:db8::1:0:7', '::ffff:1.2.3.4'],
        publicKeyInfo: key.publicKeyInfo,
        use: 'server',
        ...validity,
      },
      authority,
    ),
  );

  it('is signed by its issuer and belongs to its key', () => {
    const issuer = new X509Certificate(authorityPem);
    assert.ok(leaf.checkIssued(issuer));
    assert.ok(leaf.verify(issuer.publicKey));
    assert.ok(leaf.publicKey.export({ type: 'spki', format: 'der' }).equals(key.publicKeyInfo));
  });

  it('carries subject, names, use and validity', () => {
    assert.equal(leaf.subject, 'O=a:b + O=system:nodes\nCN=system:node:büro');
    assert.equal(
      leaf.subjectAltName,
      'DNS:wasm-1, DNS:wasm-1.example, IP Address:10.1.2.3, IP Address:2001:DB8:0:0:0:1:0:7, IP Address:0:0:0:0:0:FFFF:102:304',
    );
    assert.equal(leaf.ca, false);
    assert.deepEqual(leaf.keyUsage, ['1.3.6.1.5.5.7.3.1']);
    assert.deepEqual(leaf.validFromDate, validity.notBefore);
    assert.deepEqual(leaf.validToDate, validity.notAfter);
  });

  it('refuses what is not an address', () => {
    assert.throws(
      () =>
        createSelfSignedCertificate(
          { subject: { commonName: 'x' }, ipAddresses: ['wasm-1'], use: 'server', ...validity },
          key,
        ),
      { message: "Cannot encode 'wasm-1': not an IP address" },
    );
  });
});
