import { createHash, X509Certificate } from 'node:crypto';
import { JoinError } from './join-token.ts';

/** Reads a pin as `kubeadm init` prints it: `sha256:` and 64 hexadecimal digits. */
export function parsePublicKeyPin(text: string): string {
  const [, digest] = /^sha256:([0-9a-f]{64})$/i.exec(text) ?? [];
  if (digest !== undefined) return `sha256:${digest.toLowerCase()}`;
  throw new JoinError(
    'InvalidArgument',
    `Cannot read CA certificate hash '${text}': it must be sha256: and 64 hexadecimal digits`,
  );
}

/** The pin of a certificate: a hash of its public key (RFC 7469). */
export function publicKeyPin(pem: string): string {
  const publicKey = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' });
  return `sha256:${createHash('sha256').update(publicKey).digest('hex')}`;
}
