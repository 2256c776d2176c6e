import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { AbortOptions } from '../abort-options.ts';
import { ApiError } from '../api/api-error.ts';
import { isObject } from '../is-object.ts';
import type { Authenticator, RequestCredentials } from './authenticator.ts';
import type { ExecPlugin } from './cluster-access.ts';

interface CachedCredentials {
  readonly credentials: RequestCredentials;
  /** Milliseconds since the epoch; absent where they do not expire. */
  readonly expiresAt: number | undefined;
}

/** Credentials that a program prints, kept until they expire or are refused. */
export class ExecAuthenticator implements Authenticator {
  readonly #plugin: ExecPlugin;
  #cached: CachedCredentials | undefined;

  constructor(plugin: ExecPlugin) {
    this.#plugin = plugin;
  }

  async credentials({ signal }: AbortOptions = {}): Promise<RequestCredentials> {
    const { expiresAt = Number.POSITIVE_INFINITY } = this.#cached ?? { expiresAt: 0 };
    if (!this.#cached || expiresAt <= Date.now()) {
      this.#cached = parseExecCredential(await this.#run(signal), this.#plugin.command);
    }
    return this.#cached.credentials;
  }

  refresh(): boolean {
    this.#cached = undefined;
    return true;
  }

  async #run(signal: AbortSignal | undefined): Promise<string> {
    const { apiVersion, command, args, env, installHint } = this.#plugin;
    const info = { apiVersion, kind: 'ExecCredential', spec: { interactive: false } };
    try {
      const { stdout } = await promisify(execFile)(command, args, {
        env: { ...env, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
        timeout: 60_000,
        ...(signal ? { signal } : {}),
      });
      return stdout;
    } catch (cause) {
      signal?.throwIfAborted();
      const hint = installHint ? `: ${installHint}` : '';
      throw new ApiError('Unauthorized', `Cannot run credential plugin '${command}'${hint}`, {
        cause,
      });
    }
  }
}

/** Reads what a plugin printed: `status` with a token, a client certificate, or both. */
function parseExecCredential(text: string, command: string): CachedCredentials {
  const status = statusOf(text);
  const { token, clientCertificateData: certificate, clientKeyData: key } = status;
  if (typeof token !== 'string' && typeof certificate !== 'string') {
    throw new ApiError(
      'Unauthorized',
      `Cannot use what credential plugin '${command}' printed: status has neither token nor clientCertificateData`,
    );
  }
  return {
    expiresAt: timeOf(status.expirationTimestamp),
    credentials: {
      authorization: typeof token === 'string' ? `Bearer ${token}` : undefined,
      clientCertificate:
        typeof certificate === 'string' && typeof key === 'string'
          ? { certificate, key }
          : undefined,
    },
  };
}

function statusOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && isObject(value.status) ? value.status : {};
  } catch {
    // The caller says that there is no credential in it.
    return {};
  }
}

function timeOf(value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
