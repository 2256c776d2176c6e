import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../../../src/kubernetes/api/api-client.ts';
import {
  type CertificateSigningRequest,
  certificateSigningRequests,
} from '../../../src/kubernetes/resources/certificate-signing-request.ts';

const kubeletServing = 'kubernetes.io/kubelet-serving';

/** Until when, and how often, requests are looked at. */
export interface ApproverOptions {
  readonly signal: AbortSignal;
  /** Milliseconds between looks. @default 100 */
  readonly interval?: number;
}

/** Approves what nodes serve with, as an administrator's controller does in a real cluster. */
export async function approveServing(client: ApiClient, options: ApproverOptions): Promise<void> {
  await approveRequests(client, ({ spec }) => spec.signerName === kubeletServing, options);
}

/** Approves the pending requests that are wanted, until it is told to stop. */
export async function approveRequests(
  client: ApiClient,
  isWanted: (request: CertificateSigningRequest) => boolean,
  { signal, interval = 100 }: ApproverOptions,
): Promise<void> {
  while (!signal.aborted) {
    const { items } = await client.list(certificateSigningRequests);
    const pending = items.filter((request) => !request.status?.conditions && isWanted(request));
    for (const { metadata } of pending) await approve(client, metadata.name);
    await sleep(interval);
  }
}

async function approve(client: ApiClient, name: string): Promise<void> {
  const approved = { type: 'Approved', status: 'True', reason: 'Test', message: 'by a test' };
  await client.patch(
    certificateSigningRequests,
    { name },
    { kind: 'merge', body: { status: { conditions: [approved] } } },
    { subresource: 'approval' },
  );
}
