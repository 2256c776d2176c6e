import { readFile } from 'node:fs/promises';
import type { AbortOptions } from '../abort-options.ts';
import type { ClientCertificate, Credential } from './cluster-access.ts';
import { ExecAuthenticator } from './exec-authenticator.ts';

/** Credentials for one request. */
export interface RequestCredentials {
  /** Value of the Authorization header. */
  readonly authorization?: string | undefined;
  /** A certificate to connect with, where the credential brings one. */
  readonly clientCertificate?: ClientCertificate | undefined;
}

/** Knows who this program is, as that changes over time. */
export interface Authenticator {
  /** The credentials to use now. */
  credentials(options?: AbortOptions): Promise<RequestCredentials>;
  /** Forgets what it has cached, as it was refused; `false` where that would change nothing. */
  refresh(): boolean;
}

/** The authenticator for a credential, or for none. */
export function createAuthenticator(credential: Credential | undefined): Authenticator {
  switch (credential?.kind) {
    case undefined:
      return fixed({});
    case 'token':
      return fixed({ authorization: `Bearer ${credential.token}` });
    case 'basic': {
      const { username, password } = credential;
      const encoded = Buffer.from(`${username}:${password}`).toString('base64');
      return fixed({ authorization: `Basic ${encoded}` });
    }
    case 'tokenFile':
      return new TokenFileAuthenticator(credential.path);
    case 'exec':
      return new ExecAuthenticator(credential.plugin);
    default:
      return credential satisfies never;
  }
}

function fixed(credentials: RequestCredentials): Authenticator {
  return { credentials: async () => credentials, refresh: () => false };
}

/** A token in a file, read again every minute, as client-go does it. */
class TokenFileAuthenticator implements Authenticator {
  static readonly #lifetime = 60_000;
  readonly #path: string;
  #token: { readonly text: string; readonly readAt: number } | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async credentials({ signal }: AbortOptions = {}): Promise<RequestCredentials> {
    const now = performance.now();
    if (!this.#token || now - this.#token.readAt > TokenFileAuthenticator.#lifetime) {
      const text = await readFile(this.#path, { encoding: 'utf8', ...(signal ? { signal } : {}) });
      this.#token = { text: text.trim(), readAt: now };
    }
    return { authorization: `Bearer ${this.#token.text}` };
  }

  refresh(): boolean {
    this.#token = undefined;
    return true;
  }
}
