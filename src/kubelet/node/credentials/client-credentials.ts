import type { AbortOptions } from '../../../kubernetes/abort-options.ts';
import { ApiClient } from '../../../kubernetes/api/api-client.ts';
import { type Clock, systemClock } from '../../../kubernetes/clock.ts';
import { ApiConnection } from '../../../kubernetes/connection/api-connection.ts';
import type {
  ClientCertificate,
  ClusterAccess,
} from '../../../kubernetes/connection/cluster-access.ts';
import { formatKubeconfig } from '../../../kubernetes/kubeconfig/format-kubeconfig.ts';
import { loadKubeconfig } from '../../../kubernetes/kubeconfig/load-kubeconfig.ts';
import { messageOf } from '../../../kubernetes/message-of.ts';
import type { NodeLog } from '../node-log.ts';
import { certificateLife, commonNameOf, renewalTime } from './certificate-life.ts';
import { obtainCertificate } from './obtain-certificate.ts';
import { readIfThere, writeSecretFile } from './secret-file.ts';

/** What `ClientCredentials` needs. */
export interface ClientCredentialsComponents {
  readonly log: NodeLog;
  /** @default the machine's clock */
  readonly clock?: Clock;
}

/** Whose credentials, and where they are. */
export interface ClientCredentialsInit {
  readonly nodeName: string;
  /** The node's own kubeconfig: read where it is there, written (0600) where it is not. */
  readonly kubeconfigFile: string;
  /** kubeconfig with a token that may ask for a node's certificate; need not be there. */
  readonly bootstrapFile: string;
  /** Environment of credential plugins that the kubeconfig names. @default empty */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** A node that has no way into its cluster, and what to do about it. */
export class NoCredentialsError extends Error {
  override readonly name = 'NoCredentialsError';
}

/** Waits between looks at the certificate: a clock that jumps is noticed within this time. */
const longestSleep = 60_000;
const retryDelay = 30_000;

/** Who the node is to its API server: a certificate that it got by TLS bootstrap, and renews. */
export class ClientCredentials {
  readonly #log: NodeLog;
  readonly #clock: Clock;
  readonly #init: ClientCredentialsInit;

  constructor({ log, clock }: ClientCredentialsComponents, init: ClientCredentialsInit) {
    this.#log = log;
    this.#clock = clock ?? systemClock;
    this.#init = init;
  }

  /**
   * The access to use: that of the kubeconfig where it is there and has not expired, else one that
   * is asked for with the bootstrap file. Waits until the certificate is approved.
   */
  async load({ signal }: AbortOptions = {}): Promise<ClusterAccess> {
    const { kubeconfigFile, bootstrapFile, environment = {} } = this.#init;
    if ((await readIfThere(kubeconfigFile)) === undefined) return this.#bootstrap(signal);
    const access = await loadKubeconfig(kubeconfigFile, { environment, signal });
    const certificate = access.identity.clientCertificate?.certificate;
    if (certificate === undefined) return access;
    this.#checkOwner(certificate);
    if (certificateLife(certificate).notAfter > this.#clock.now()) return access;
    this.#log.warn(
      `Client certificate in '${kubeconfigFile}' has expired: bootstrapping again with '${bootstrapFile}'`,
    );
    return this.#bootstrap(signal);
  }

  /**
   * Renews the certificate until the signal aborts, and has the connection use each new one. Does
   * nothing for credentials that are not a certificate of this node.
   */
  async run(
    connection: ApiConnection,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<void> {
    let { clientCertificate } = connection.access.identity;
    const isOwn = clientCertificate && this.#isOwn(clientCertificate.certificate);
    if (!isOwn) return;
    try {
      while (clientCertificate) {
        await this.#waitForRenewal(clientCertificate.certificate, signal);
        clientCertificate = await this.#renew(connection, clientCertificate, signal);
        connection.useClientCertificate(clientCertificate);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #waitForRenewal(certificate: string, signal: AbortSignal): Promise<void> {
    const due = renewalTime(certificateLife(certificate));
    for (let left = due - this.#clock.now(); left > 0; left = due - this.#clock.now()) {
      await this.#clock.sleep(Math.min(left, longestSleep), { signal });
    }
  }

  /** A new certificate, asked for with the old one while that holds, else by bootstrap. */
  async #renew(
    connection: ApiConnection,
    { certificate }: ClientCertificate,
    signal: AbortSignal,
  ): Promise<ClientCertificate> {
    for (;;) {
      try {
        const hasExpired = certificateLife(certificate).notAfter <= this.#clock.now();
        const { identity } = hasExpired
          ? await this.#bootstrap(signal)
          : await this.#request(connection, connection.access, signal);
        if (identity.clientCertificate) return identity.clientCertificate;
      } catch (error) {
        signal.throwIfAborted();
        const message = messageOf(error);
        this.#log.warn(`Cannot renew the client certificate: ${message}`);
        await this.#clock.sleep(retryDelay, { signal });
      }
    }
  }

  async #bootstrap(signal: AbortSignal | undefined): Promise<ClusterAccess> {
    const { kubeconfigFile, bootstrapFile, environment = {} } = this.#init;
    if ((await readIfThere(bootstrapFile)) === undefined) {
      throw new NoCredentialsError(
        `Cannot join a cluster: neither kubeconfig '${kubeconfigFile}' with a valid certificate nor bootstrap file '${bootstrapFile}' is there: run \`krustlet join\` first, or give --bootstrap-file`,
      );
    }
    const access = await loadKubeconfig(bootstrapFile, { environment, signal });
    await using connection = new ApiConnection(access);
    return this.#request(connection, access, signal);
  }

  /** Asks for a certificate over the connection, and writes the kubeconfig that uses it. */
  async #request(
    connection: ApiConnection,
    access: ClusterAccess,
    signal: AbortSignal | undefined,
  ): Promise<ClusterAccess> {
    const { nodeName, kubeconfigFile } = this.#init;
    const client = new ApiClient({ connection, clock: this.#clock });
    const clientCertificate = await obtainCertificate(
      { client, clock: this.#clock },
      {
        holder: { subject: { commonName: this.#userName, organizations: ['system:nodes'] } },
        requestName: nodeName,
        signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
        usages: ['digital signature', 'client auth'],
        pendingFile: `${kubeconfigFile}.pending`,
      },
      {
        signal,
        onPending: (name) =>
          this.#log.info(
            `Client certificate waits for approval: run \`kubectl certificate approve ${name}\``,
          ),
      },
    );
    const own = { ...access, identity: { clientCertificate } };
    await writeSecretFile(kubeconfigFile, formatKubeconfig(own));
    this.#log.info(`Client certificate received and written to '${kubeconfigFile}'`);
    return own;
  }

  get #userName(): string {
    return `system:node:${this.#init.nodeName}`;
  }

  #isOwn(certificate: string): boolean {
    return commonNameOf(certificate) === this.#userName;
  }

  #checkOwner(certificate: string): void {
    const owner = commonNameOf(certificate) ?? '';
    if (!owner.startsWith('system:node:') || owner === this.#userName) return;
    const { kubeconfigFile, nodeName } = this.#init;
    throw new NoCredentialsError(
      `Cannot use kubeconfig '${kubeconfigFile}' as node '${nodeName}': its certificate is for '${owner}': give --node-name ${owner.slice('system:node:'.length)}, or remove the file to join anew`,
    );
  }
}
