/** Where an API server is, how it is recognised, and who this program is to it. */
export interface ClusterAccess {
  /** `https://host:port`, with a path where the API is not at the root. */
  readonly server: string;
  /** PEM certificates that may have signed the server's. @default the system's */
  readonly certificateAuthority?: string | undefined;
  /** Name in the server's certificate where it is not the host of `server`. */
  readonly tlsServerName?: string | undefined;
  /** Whether any server certificate will do. @default false */
  readonly insecureSkipTlsVerify?: boolean | undefined;
  /** Namespace that commands mean where none is named. @default 'default' */
  readonly namespace?: string | undefined;
  readonly identity: Identity;
}

/** Who somebody is to the API server; nobody where all is absent. */
export interface Identity {
  readonly clientCertificate?: ClientCertificate | undefined;
  readonly credential?: Credential | undefined;
}

/** A certificate and its private key, both PEM. */
export interface ClientCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** What goes into the Authorization header. */
export type Credential =
  | { readonly kind: 'token'; readonly token: string }
  /** A token in a file that somebody else renews. */
  | { readonly kind: 'tokenFile'; readonly path: string }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'exec'; readonly plugin: ExecPlugin };

/**
 * A program that prints credentials.
 * @see https://kubernetes.io/docs/reference/config-api/client-authentication.v1/
 */
export interface ExecPlugin {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What to tell the user where the program is missing. */
  readonly installHint?: string | undefined;
}
