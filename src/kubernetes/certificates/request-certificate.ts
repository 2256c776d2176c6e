import { randomBytes } from 'node:crypto';
import type { AbortOptions } from '../abort-options.ts';
import type { ApiClient } from '../api/api-client.ts';
import { isApiError } from '../api/api-error.ts';
import { type Clock, systemClock } from '../clock.ts';
import {
  type CertificateSigningRequest,
  certificateSigningRequests,
} from '../resources/certificate-signing-request.ts';

/** What `requestCertificate` needs. */
export interface RequestCertificateComponents {
  readonly client: ApiClient;
  /** @default the machine's clock */
  readonly clock?: Clock;
}

/** What is asked of a cluster's signers. */
export interface CertificateOrder {
  /** Name of the request; one with a random ending where the name is taken by another request. */
  readonly name: string;
  /** PEM of the PKCS #10 request. */
  readonly request: string;
  readonly signerName: string;
  readonly usages: readonly string[];
}

/** How a wait for a certificate is observed. */
export interface RequestCertificateOptions extends AbortOptions {
  /** Hears, once, that nobody has approved the request yet, and its name. */
  readonly onPending?: (name: string) => void;
}

/** A certificate that the cluster will not issue. */
export class CertificateRefusedError extends Error {
  override readonly name = 'CertificateRefusedError';
  readonly code: 'Denied' | 'Failed' | 'Deleted';

  constructor(code: CertificateRefusedError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** Longest wait before the request is looked at again, should the watch have missed something. */
const watchSeconds = 120;
const retryDelay = 2_000;
/** Signers are quick, so that a short silence already means that nobody approves by itself. */
const pendingAfter = 3_000;

/**
 * Asks the cluster for a certificate, waits until somebody approves it, however long that takes,
 * and gives its PEM. An order that was placed before with the same request is taken up again.
 * Throws a `CertificateRefusedError` where the answer is no.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/
 */
export async function requestCertificate(
  { client, clock = systemClock }: RequestCertificateComponents,
  order: CertificateOrder,
  { signal, onPending }: RequestCertificateOptions = {},
): Promise<string> {
  const { name } = (await placeOrder(client, order, signal)).metadata;
  const issued = new AbortController();
  const stopped = signal ? AbortSignal.any([signal, issued.signal]) : issued.signal;
  const pending = clock.sleep(pendingAfter, { signal: stopped }).then(
    () => onPending?.(name),
    () => undefined, // Issued in time, or no longer waited for.
  );
  try {
    return await waitForCertificate(client, clock, name, signal);
  } finally {
    issued.abort();
    await pending;
  }
}

async function placeOrder(
  client: ApiClient,
  order: CertificateOrder,
  signal: AbortSignal | undefined,
): Promise<CertificateSigningRequest> {
  try {
    return await client.create(certificateSigningRequests, toObject(order), { signal });
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists')) throw error;
    const earlier = await client.get(certificateSigningRequests, order, { signal });
    if (earlier.spec.request === toObject(order).spec.request) return earlier;
    const name = `${order.name}-${randomBytes(4).toString('hex')}`;
    return client.create(certificateSigningRequests, toObject({ ...order, name }), { signal });
  }
}

function toObject(order: CertificateOrder): CertificateSigningRequest {
  return {
    metadata: { name: order.name },
    spec: {
      request: Buffer.from(order.request).toString('base64'),
      signerName: order.signerName,
      usages: order.usages,
    },
  };
}

async function waitForCertificate(
  client: ApiClient,
  clock: Clock,
  name: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  for (;;) {
    try {
      const found = await client.get(certificateSigningRequests, { name }, { signal });
      const certificate =
        certificateOf(found) ?? (await watchForCertificate(client, found, signal));
      if (certificate !== undefined) return certificate;
    } catch (error) {
      if (isApiError(error, 'NotFound')) {
        throw new CertificateRefusedError('Deleted', `Certificate request '${name}' was deleted`);
      }
      if (!isApiError(error)) throw error;
      // The server is away for a while, or was asked too much: the request waits there.
      await clock.sleep(retryDelay, { signal });
    }
  }
}

async function watchForCertificate(
  client: ApiClient,
  { metadata: { name, resourceVersion = '' } }: CertificateSigningRequest,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const selection = { fieldSelector: `metadata.name=${name}` };
  const options = { signal, timeoutSeconds: watchSeconds };
  const watch = client.watch(certificateSigningRequests, selection, resourceVersion, options);
  for await (const event of watch) {
    if (event.type === 'DELETED') return undefined;
    const certificate = event.type === 'BOOKMARK' ? undefined : certificateOf(event.object);
    if (certificate !== undefined) return certificate;
  }
  return undefined;
}

/** The certificate, or `undefined` while there is none; throws where there will be none. */
function certificateOf({ metadata, status }: CertificateSigningRequest): string | undefined {
  const refusal = status?.conditions?.find(({ type }) => type === 'Denied' || type === 'Failed');
  if (refusal) {
    const code = refusal.type === 'Denied' ? 'Denied' : 'Failed';
    const why = refusal.message ?? refusal.reason ?? 'no reason was given';
    throw new CertificateRefusedError(
      code,
      `Certificate request '${metadata.name}' was ${code === 'Denied' ? 'denied' : 'not signed'}: ${why}`,
    );
  }
  return status?.certificate && Buffer.from(status.certificate, 'base64').toString('utf8');
}
