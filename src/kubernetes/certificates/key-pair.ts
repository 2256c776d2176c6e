import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import * as der from './der.ts';

/** A private key on the curve P-256 and what belongs to it in certificates. */
export class KeyPair {
  /** `AlgorithmIdentifier` of ecdsa-with-SHA256, which `sign` uses. */
  static readonly signatureAlgorithm = der.sequence(der.objectIdentifier('1.2.840.10045.4.3.2'));
  readonly #privateKey: KeyObject;

  constructor(privateKey: KeyObject) {
    this.#privateKey = privateKey;
  }

  /** Makes a new one. */
  static generate(): KeyPair {
    return new KeyPair(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
  }

  /** The public key as `SubjectPublicKeyInfo`. */
  get publicKeyInfo(): Buffer {
    return createPublicKey(this.#privateKey).export({ type: 'spki', format: 'der' });
  }

  /** The private key in PKCS #8. */
  toPem(): string {
    return this.#privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  }

  /** A signature by ECDSA over their SHA-256, in DER. */
  sign(bytes: Uint8Array): Buffer {
    return sign('sha256', bytes, this.#privateKey);
  }
}
