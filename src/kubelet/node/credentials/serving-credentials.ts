import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { ApiClient } from '../../../kubernetes/api/api-client.ts';
import { createSelfSignedCertificate } from '../../../kubernetes/certificates/certificate.ts';
import { KeyPair } from '../../../kubernetes/certificates/key-pair.ts';
import type { AlternativeNames } from '../../../kubernetes/certificates/subject.ts';
import { type Clock, systemClock } from '../../../kubernetes/clock.ts';
import type { ClientCertificate } from '../../../kubernetes/connection/cluster-access.ts';
import { messageOf } from '../../../kubernetes/message-of.ts';
import type { NodeLog } from '../node-log.ts';
import { certificateLife, commonNameOf, renewalTime } from './certificate-life.ts';
import { obtainCertificate } from './obtain-certificate.ts';
import { readIfThere, writeSecretFile } from './secret-file.ts';

/** What `ServingCredentials` needs. */
export interface ServingCredentialsComponents {
  readonly log: NodeLog;
  /** @default the machine's clock */
  readonly clock?: Clock;
}

/** Whose server, and where its certificate is. */
export interface ServingCredentialsInit extends AlternativeNames {
  readonly nodeName: string;
  readonly hostname: string;
  readonly certificateFile: string;
  readonly keyFile: string;
}

const year = 365 * 24 * 60 * 60 * 1000;
/** Waits between looks at the files and the clock. */
const longestSleep = 60_000;
const retryDelay = 15 * 60_000;

/**
 * The certificate that the node's own server shows. One that an administrator put into the files is
 * used as it is, and read again when it changes. Else the cluster is asked for one; until it is
 * approved a self-signed one serves, so that the server is there from the start.
 */
export class ServingCredentials {
  readonly #log: NodeLog;
  readonly #clock: Clock;
  readonly #init: ServingCredentialsInit;
  readonly #listeners = new Set<(current: ClientCertificate) => void>();
  #current: ClientCertificate;
  #isSelfSigned = true;

  constructor({ log, clock }: ServingCredentialsComponents, init: ServingCredentialsInit) {
    this.#log = log;
    this.#clock = clock ?? systemClock;
    this.#init = init;
    this.#current = this.#selfSigned();
  }

  /** The certificate to show now. */
  get current(): ClientCertificate {
    return this.#current;
  }

  /** Hears of every new certificate, until disposed. */
  subscribe(listener: (current: ClientCertificate) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  /** Takes the files' certificate, where there is one that holds. */
  async load(): Promise<void> {
    const { certificateFile, keyFile } = this.#init;
    const [certificate, key] = await Promise.all([
      readIfThere(certificateFile),
      readIfThere(keyFile),
    ]);
    if (certificate === undefined || key === undefined) return;
    if (certificate === this.#current.certificate || !belongTogether(certificate, key)) return;
    const isGiven = !this.#isOwn(certificate);
    if (isGiven || this.#isUsable(certificate)) this.#use({ certificate, key });
  }

  /**
   * Keeps the certificate good until the signal aborts: by the cluster's signer where there is a
   * client, else only by reading the files again.
   */
  async run(
    client: ApiClient | undefined,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<void> {
    try {
      for (;;) {
        if (client && this.#isManaged) await this.#renewWhenDue(client, signal);
        else await this.#clock.sleep(longestSleep, { signal });
        await this.load();
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Whether the certificate is this program's to renew. */
  get #isManaged(): boolean {
    return this.#isSelfSigned || this.#isOwn(this.#current.certificate);
  }

  async #renewWhenDue(client: ApiClient, signal: AbortSignal): Promise<void> {
    const due = this.#isSelfSigned ? 0 : renewalTime(certificateLife(this.#current.certificate));
    for (let left = due - this.#clock.now(); left > 0; left = due - this.#clock.now()) {
      await this.#clock.sleep(Math.min(left, longestSleep), { signal });
    }
    try {
      await this.#renew(client, signal);
    } catch (error) {
      signal.throwIfAborted();
      const message = messageOf(error);
      this.#log.warn(`Cannot get a serving certificate: ${message}`);
      await this.#clock.sleep(retryDelay, { signal });
    }
  }

  async #renew(client: ApiClient, signal: AbortSignal): Promise<void> {
    const { certificateFile, keyFile, hostname } = this.#init;
    const received = await obtainCertificate(
      { client, clock: this.#clock },
      {
        holder: { subject: this.#subject, ...this.#names },
        requestName: `${hostname}-tls`,
        signerName: 'kubernetes.io/kubelet-serving',
        usages: ['digital signature', 'server auth'],
        pendingFile: `${keyFile}.pending`,
      },
      {
        signal,
        onPending: (name) =>
          this.#log.info(
            `Serving certificate waits for approval: run \`kubectl certificate approve ${name}\``,
          ),
      },
    );
    await writeSecretFile(keyFile, received.key);
    await writeSecretFile(certificateFile, received.certificate);
    this.#use(received);
    this.#log.info(`Serving certificate received and written to '${certificateFile}'`);
  }

  #use(certificate: ClientCertificate): void {
    this.#current = certificate;
    this.#isSelfSigned = false;
    for (const listener of [...this.#listeners]) listener(certificate);
  }

  /** Whether the cluster issued it to this node. */
  #isOwn(certificate: string): boolean {
    return commonNameOf(certificate) === this.#subject.commonName;
  }

  #isUsable(certificate: string): boolean {
    const parsed = new X509Certificate(certificate);
    const { dnsNames = [], ipAddresses = [] } = this.#names;
    return (
      certificateLife(certificate).notAfter > this.#clock.now() &&
      dnsNames.every((name) => parsed.checkHost(name) !== undefined) &&
      ipAddresses.every((address) => parsed.checkIP(address) !== undefined)
    );
  }

  #selfSigned(): ClientCertificate {
    const key = KeyPair.generate();
    const now = this.#clock.now();
    const certificate = createSelfSignedCertificate(
      {
        subject: this.#subject,
        ...this.#names,
        use: 'server',
        notBefore: new Date(now - 60_000),
        notAfter: new Date(now + year),
      },
      key,
    );
    return { certificate, key: key.toPem() };
  }

  get #subject(): { commonName: string; organizations: readonly string[] } {
    return { commonName: `system:node:${this.#init.nodeName}`, organizations: ['system:nodes'] };
  }

  get #names(): AlternativeNames {
    const { hostname, dnsNames = [], ipAddresses = [] } = this.#init;
    const hosts = isIP(hostname) === 0 ? [hostname, ...dnsNames] : dnsNames;
    return { dnsNames: [...new Set(hosts)], ipAddresses: [...new Set(ipAddresses)] };
  }
}

/** Two files cannot be replaced at once: between the two they do not fit. */
function belongTogether(certificate: string, key: string): boolean {
  return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
}
