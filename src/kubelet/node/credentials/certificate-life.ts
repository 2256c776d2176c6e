import { X509Certificate } from 'node:crypto';

/** When a certificate holds, in milliseconds since the epoch. */
export interface CertificateLife {
  readonly notBefore: number;
  readonly notAfter: number;
}

/** When the first certificate of the PEM holds. */
export function certificateLife(pem: string): CertificateLife {
  const { validFromDate, validToDate } = new X509Certificate(pem);
  return { notBefore: validFromDate.getTime(), notAfter: validToDate.getTime() };
}

/**
 * When to ask for the next certificate: after 70 to 90 % of this one's life, by chance, so that a
 * thousand nodes that started together do not ask together.
 */
export function renewalTime(
  { notBefore, notAfter }: CertificateLife,
  random = Math.random,
): number {
  return notBefore + (notAfter - notBefore) * (0.7 + 0.2 * random());
}

/** The common name of the first certificate of the PEM. */
export function commonNameOf(pem: string): string | undefined {
  return /^CN=(.*)$/m.exec(new X509Certificate(pem).subject)?.[1];
}
