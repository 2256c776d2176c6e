import { rm } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { createCertificateRequest } from '../../../kubernetes/certificates/certificate-request.ts';
import { KeyPair } from '../../../kubernetes/certificates/key-pair.ts';
import {
  CertificateRefusedError,
  type RequestCertificateComponents,
  type RequestCertificateOptions,
  requestCertificate,
} from '../../../kubernetes/certificates/request-certificate.ts';
import type { AlternativeNames, Subject } from '../../../kubernetes/certificates/subject.ts';
import type { ClientCertificate } from '../../../kubernetes/connection/cluster-access.ts';
import { isObject } from '../../../kubernetes/is-object.ts';
import { readIfThere, writeSecretFile } from './secret-file.ts';

/** A certificate that the node wants from its cluster. */
export interface WantedCertificate {
  readonly holder: { readonly subject: Subject } & AlternativeNames;
  /** Name of the request in the cluster, for who approves it by hand. */
  readonly requestName: string;
  readonly signerName: string;
  readonly usages: readonly string[];
  /** Where key and request are kept until they are answered, so that a restart asks only once. */
  readonly pendingFile: string;
}

/** A request on its way. */
interface PendingRequest {
  readonly holder: WantedCertificate['holder'];
  readonly key: string;
  readonly request: string;
}

/** Asks the cluster for the certificate of a new key, and waits for it however long that takes. */
export async function obtainCertificate(
  components: RequestCertificateComponents,
  wanted: WantedCertificate,
  options: RequestCertificateOptions = {},
): Promise<ClientCertificate> {
  const { requestName: name, signerName, usages, pendingFile } = wanted;
  const { request, key } = await pendingRequest(wanted);
  try {
    const order = { name, request, signerName, usages };
    const certificate = await requestCertificate(components, order, options);
    await rm(pendingFile, { force: true });
    return { certificate, key };
  } catch (error) {
    // Asking again with the same request would find the same refusal.
    if (error instanceof CertificateRefusedError) await rm(pendingFile, { force: true });
    throw error;
  }
}

/** The request that an earlier life of this process placed, else a new one. */
async function pendingRequest({ holder, pendingFile }: WantedCertificate): Promise<PendingRequest> {
  const earlier = parsePending(await readIfThere(pendingFile), holder);
  if (earlier) return earlier;
  const key = KeyPair.generate();
  const pending = { holder, key: key.toPem(), request: createCertificateRequest(holder, key) };
  await writeSecretFile(pendingFile, JSON.stringify(pending));
  return pending;
}

function parsePending(
  text: string | undefined,
  holder: WantedCertificate['holder'],
): PendingRequest | undefined {
  if (text === undefined) return undefined;
  const value: unknown = JSON.parse(text);
  if (!isObject(value) || !isDeepStrictEqual(value.holder, JSON.parse(JSON.stringify(holder)))) {
    return undefined;
  }
  const { key, request } = value;
  return typeof key === 'string' && typeof request === 'string'
    ? { holder, key, request }
    : undefined;
}
