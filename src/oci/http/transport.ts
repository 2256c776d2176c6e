import { X509Certificate } from 'node:crypto';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import type { Dispatcher } from 'undici';
import Agent from 'undici/lib/dispatcher/agent.js';
import { OciError } from '../errors.ts';
import { type ProxySettings, proxyFor } from './proxy-settings.ts';

export interface TransportInit {
  readonly proxies?: ProxySettings;
  /** Certificates in PEM to trust besides the runtime's and the system's. @default [] */
  readonly caCertificates?: readonly string[];
  /** @default 5_000 */
  readonly connectTimeoutMs?: number;
}

/**
 * Keeps the connections: one pool for each proxy, and for verified and unverified TLS. As many as
 * are wanted: one with a download that waits for its turn must not keep another request waiting.
 */
export class Transport implements AsyncDisposable {
  readonly #init: TransportInit;
  readonly #pools = new Map<string, Dispatcher>();
  #secureContext: SecureContext | undefined;

  constructor(init: TransportInit = {}) {
    this.#init = init;
  }

  /** The pool of connections to send a request for this URL through. */
  async poolFor(url: URL, { verifyTls }: { verifyTls: boolean }): Promise<Dispatcher> {
    const proxy = proxyFor(url, this.#init.proxies ?? {});
    const createPool = proxy === undefined ? createDirectPool : await poolThrough(proxy);
    const key = `${proxy ?? 'direct'} ${verifyTls}`;
    const known = this.#pools.get(key);
    if (known !== undefined) return known;
    const pool = createPool({
      verifyTls,
      trust: () => this.#trustedContext(),
      timeout: this.#init.connectTimeoutMs ?? 5_000,
    });
    this.#pools.set(key, pool);
    return pool;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  /** One context for all connections: parsing 300 certificates for each costs milliseconds. */
  #trustedContext(): SecureContext {
    this.#secureContext ??= createTrust(this.#init.caCertificates ?? []);
    return this.#secureContext;
  }
}

interface PoolInit {
  readonly verifyTls: boolean;
  readonly trust: () => SecureContext;
  /** For a connection, in milliseconds. */
  readonly timeout: number;
}

function createDirectPool({ timeout, ...init }: PoolInit): Dispatcher {
  return new Agent({ connect: { ...tlsOf(init), timeout } });
}

/** Only the agent for proxies needs all of undici. */
async function poolThrough(proxy: string): Promise<(init: PoolInit) => Dispatcher> {
  const { ProxyAgent } = await import('undici');
  return ({ timeout, ...init }) =>
    new ProxyAgent({
      uri: proxy,
      connectTimeout: timeout,
      requestTls: tlsOf(init),
      proxyTls: { secureContext: init.trust() },
    });
}

function tlsOf({ verifyTls, trust }: Pick<PoolInit, 'verifyTls' | 'trust'>) {
  return { rejectUnauthorized: verifyTls, ...(verifyTls && { secureContext: trust() }) };
}

function createTrust(caCertificates: readonly string[]): SecureContext {
  for (const pem of caCertificates) checkCertificates(pem);
  const ca = [...getCACertificates('default'), ...getCACertificates('system'), ...caCertificates];
  return createSecureContext({ ca: [...new Set(ca)] });
}

/** TLS itself takes no notice of text that is no certificate, and then nothing is trusted by it. */
function checkCertificates(pem: string): void {
  try {
    new X509Certificate(pem);
  } catch (cause) {
    throw new OciError(
      'InvalidConfiguration',
      `trust CA certificates: '${pem.slice(0, 40).trim()}…' is not a certificate in PEM`,
      { cause },
    );
  }
}
