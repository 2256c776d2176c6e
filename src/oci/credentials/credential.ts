import type { AbortOptions } from '../abort-options.ts';

/** What proves to a registry who is asking. */
export type Credential =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  /** A refresh token, which a token server exchanges for access tokens. */
  | { readonly kind: 'identity-token'; readonly token: string }
  /** An access token, sent as it is. */
  | { readonly kind: 'registry-token'; readonly token: string };

/** A repository that somebody wants to use. */
export interface RepositoryName {
  /** Host with optional port. */
  readonly registry: string;
  readonly repository: string;
}

/** Where credentials come from. */
export interface CredentialSource {
  /**
   * The credentials that may open the repository, the best match first; empty to ask anonymously.
   * Called for each pull; may run programs.
   */
  find(name: RepositoryName, options?: AbortOptions): Promise<readonly Credential[]>;
}

/** Has no credentials: everything is asked for anonymously. */
export const anonymous: CredentialSource = { find: async () => [] };

/** Asks several sources, and tries what they have in their order. */
export function combineCredentials(...sources: readonly CredentialSource[]): CredentialSource {
  return {
    async find(name, options) {
      const found = await Promise.all(sources.map((source) => source.find(name, options)));
      return found.flat();
    },
  };
}
