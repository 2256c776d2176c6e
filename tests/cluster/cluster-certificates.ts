import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  type CertificateInit,
  createCertificate,
  createSelfSignedCertificate,
} from '../../src/kubernetes/certificates/certificate.ts';
import { KeyPair } from '../../src/kubernetes/certificates/key-pair.ts';
import type { Subject } from '../../src/kubernetes/certificates/subject.ts';

/** A certificate and its key on disk and in memory. */
export interface IssuedCertificate {
  readonly certificate: string;
  readonly key: string;
  readonly certificateFile: string;
  readonly keyFile: string;
}

const day = 24 * 60 * 60 * 1000;

/** The authority of a test cluster, which writes what it issues into one folder. */
export class ClusterAuthority {
  readonly certificate: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly #directory: string;
  readonly #subject: Subject = { commonName: 'kubernetes' };
  readonly #key = KeyPair.generate();

  constructor(directory: string) {
    this.#directory = directory;
    this.certificateFile = path.join(directory, 'ca.crt');
    this.keyFile = path.join(directory, 'ca.key');
    this.certificate = createSelfSignedCertificate(
      { subject: this.#subject, use: 'authority', ...validity() },
      this.#key,
    );
    writeFileSync(this.certificateFile, this.certificate);
    writeFileSync(this.keyFile, this.#key.toPem(), { mode: 0o600 });
  }

  /** Issues a certificate and writes it to `<name>.crt`, its key to `<name>.key`. */
  issue(
    name: string,
    init: Pick<CertificateInit, 'subject' | 'use' | 'dnsNames' | 'ipAddresses'>,
  ): IssuedCertificate {
    const key = KeyPair.generate();
    const certificate = createCertificate(
      { ...init, ...validity(), publicKeyInfo: key.publicKeyInfo },
      { subject: this.#subject, key: this.#key },
    );
    const certificateFile = path.join(this.#directory, `${name}.crt`);
    const keyFile = path.join(this.#directory, `${name}.key`);
    writeFileSync(certificateFile, certificate);
    writeFileSync(keyFile, key.toPem(), { mode: 0o600 });
    return { certificate, key: key.toPem(), certificateFile, keyFile };
  }
}

/** Writes a key pair that signs ServiceAccount tokens. */
export function writeServiceAccountKeys(directory: string): {
  readonly publicKeyFile: string;
  readonly privateKeyFile: string;
} {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const publicKeyFile = path.join(directory, 'sa.pub');
  const privateKeyFile = path.join(directory, 'sa.key');
  writeFileSync(publicKeyFile, publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(privateKeyFile, privateKey.export({ type: 'pkcs1', format: 'pem' }), {
    mode: 0o600,
  });
  return { publicKeyFile, privateKeyFile };
}

function validity(): Pick<CertificateInit, 'notBefore' | 'notAfter'> {
  const now = Date.now();
  return { notBefore: new Date(now - day), notAfter: new Date(now + 365 * day) };
}
