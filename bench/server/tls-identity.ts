import { createSelfSignedCertificate } from '../../src/kubernetes/certificates/certificate.ts';
import { KeyPair } from '../../src/kubernetes/certificates/key-pair.ts';

/** A certificate for this machine, for the server under test and its peers alike. */
export function tlsIdentity(): { readonly key: string; readonly certificate: string } {
  const key = KeyPair.generate();
  const certificate = createSelfSignedCertificate(
    {
      subject: { commonName: 'bench' },
      use: 'authority',
      notBefore: new Date(Date.now() - 60_000),
      notAfter: new Date(Date.now() + 24 * 60 * 60_000),
    },
    key,
  );
  return { key: key.toPem(), certificate };
}
