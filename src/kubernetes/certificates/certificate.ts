import { randomBytes } from 'node:crypto';
import * as der from './der.ts';
import { KeyPair } from './key-pair.ts';
import { pem } from './pem.ts';
import {
  type AlternativeNames,
  encodeAlternativeNames,
  encodeSubject,
  type Subject,
} from './subject.ts';

/** What a certificate says. */
export interface CertificateInit extends AlternativeNames {
  readonly subject: Subject;
  /** The holder's public key, `KeyPair.publicKeyInfo`. */
  readonly publicKeyInfo: Buffer;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly use: 'authority' | 'server' | 'client' | 'client and server';
}

/** Who signs a certificate. */
export interface CertificateIssuer {
  readonly subject: Subject;
  readonly key: KeyPair;
}

const clientAuth = der.objectIdentifier('1.3.6.1.5.5.7.3.2');
const serverAuth = der.objectIdentifier('1.3.6.1.5.5.7.3.1');
const extendedUses: Readonly<Record<CertificateInit['use'], readonly Buffer[]>> = {
  authority: [],
  server: [serverAuth],
  client: [clientAuth],
  'client and server': [clientAuth, serverAuth],
};

/** An X.509 version 3 certificate, in PEM (RFC 5280). */
export function createCertificate(init: CertificateInit, issuer: CertificateIssuer): string {
  const version3 = der.context(0, der.integer(2));
  const body = der.sequence(
    version3,
    der.integer(randomBytes(16)),
    KeyPair.signatureAlgorithm,
    encodeSubject(issuer.subject),
    der.sequence(der.time(init.notBefore), der.time(init.notAfter)),
    encodeSubject(init.subject),
    init.publicKeyInfo,
    der.context(3, der.sequence(...extensionsOf(init))),
  );
  return pem(
    'CERTIFICATE',
    der.sequence(body, KeyPair.signatureAlgorithm, der.bitString(issuer.key.sign(body))),
  );
}

/** A certificate that its own key signs. */
export function createSelfSignedCertificate(
  init: Omit<CertificateInit, 'publicKeyInfo'>,
  key: KeyPair,
): string {
  return createCertificate(
    { ...init, publicKeyInfo: key.publicKeyInfo },
    { subject: init.subject, key },
  );
}

function extensionsOf(init: CertificateInit): readonly Buffer[] {
  const uses = extendedUses[init.use];
  const alternativeNames = encodeAlternativeNames(init);
  const isAuthority = init.use === 'authority';
  return [
    critical('2.5.29.19', der.sequence(...(isAuthority ? [der.boolean(true)] : []))),
    critical('2.5.29.15', keyUsage(isAuthority)),
    ...(uses.length === 0 ? [] : [extension('2.5.29.37', der.sequence(...uses))]),
    ...(alternativeNames ? [alternativeNames] : []),
  ];
}

/** keyCertSign and cRLSign for an authority, digitalSignature and keyEncipherment for others. */
function keyUsage(isAuthority: boolean): Buffer {
  return isAuthority
    ? der.bitString(Buffer.from([0b0000_0110]), 1)
    : der.bitString(Buffer.from([0b1010_0000]), 5);
}

function critical(type: string, value: Buffer): Buffer {
  return der.sequence(der.objectIdentifier(type), der.boolean(true), der.octetString(value));
}

function extension(type: string, value: Buffer): Buffer {
  return der.sequence(der.objectIdentifier(type), der.octetString(value));
}
