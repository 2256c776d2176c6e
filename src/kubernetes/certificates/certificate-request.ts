import * as der from './der.ts';
import { KeyPair } from './key-pair.ts';
import { pem } from './pem.ts';
import {
  type AlternativeNames,
  encodeAlternativeNames,
  encodeSubject,
  type Subject,
} from './subject.ts';

/** Attribute by which a request asks for extensions, PKCS #9. */
const extensionRequest = der.objectIdentifier('1.2.840.113549.1.9.14');

/** A PKCS #10 request for a certificate of the key, in PEM (RFC 2986). */
export function createCertificateRequest(
  { subject, ...names }: { readonly subject: Subject } & AlternativeNames,
  key: KeyPair,
): string {
  const alternativeNames = encodeAlternativeNames(names);
  const attributes = alternativeNames
    ? der.sequence(extensionRequest, der.set(der.sequence(alternativeNames)))
    : Buffer.alloc(0);
  const info = der.sequence(
    der.integer(0),
    encodeSubject(subject),
    key.publicKeyInfo,
    der.context(0, attributes),
  );
  return pem(
    'CERTIFICATE REQUEST',
    der.sequence(info, KeyPair.signatureAlgorithm, der.bitString(key.sign(info))),
  );
}
