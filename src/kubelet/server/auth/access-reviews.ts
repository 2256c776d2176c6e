import * as v from 'valibot';
import type { ApiClient } from '../../../kubernetes/api/api-client.ts';
import type { AbortOptions } from '../../provider.ts';
import type { User } from './user.ts';

/** Asks the API server who someone is and what he may do. */
export interface AccessReviews {
  /** The token's user; `undefined` where the token is not valid. */
  reviewToken(token: string, options?: AbortOptions): Promise<User | undefined>;
  /** Whether the user may do this to the node's subresource. */
  reviewAccess(access: NodeAccess, options?: AbortOptions): Promise<boolean>;
}

export interface NodeAccess {
  readonly user: User;
  readonly verb: string;
  readonly subresource: string;
}

const tokenReview = v.object({
  status: v.object({
    authenticated: v.optional(v.boolean(), false),
    user: v.optional(
      v.object({
        username: v.optional(v.string(), ''),
        uid: v.optional(v.string()),
        groups: v.optional(v.array(v.string()), []),
        extra: v.optional(v.record(v.string(), v.array(v.string()))),
      }),
    ),
  }),
});

const subjectAccessReview = v.object({
  status: v.object({
    allowed: v.boolean(),
    denied: v.optional(v.boolean(), false),
  }),
});

/** The reviews of a real API server. */
export class ApiAccessReviews implements AccessReviews {
  readonly #api: ApiClient;
  readonly #nodeName: string;

  constructor(components: { readonly api: ApiClient }, init: { readonly nodeName: string }) {
    this.#api = components.api;
    this.#nodeName = init.nodeName;
  }

  async reviewToken(token: string, options: AbortOptions = {}): Promise<User | undefined> {
    const body = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token },
    };
    const path = '/apis/authentication.k8s.io/v1/tokenreviews';
    const answer = await this.#api.request({ method: 'POST', path, body }, options);
    const { authenticated, user } = v.parse(tokenReview, answer).status;
    if (!authenticated || user === undefined || user.username === '') return undefined;
    return {
      name: user.username,
      groups: user.groups,
      ...(user.uid === undefined ? {} : { uid: user.uid }),
      ...(user.extra === undefined ? {} : { extra: user.extra }),
    };
  }

  async reviewAccess(access: NodeAccess, options: AbortOptions = {}): Promise<boolean> {
    const body = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: {
        user: access.user.name,
        uid: access.user.uid,
        groups: access.user.groups,
        extra: access.user.extra,
        resourceAttributes: {
          verb: access.verb,
          version: 'v1',
          resource: 'nodes',
          subresource: access.subresource,
          name: this.#nodeName,
        },
      },
    };
    const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
    const answer = await this.#api.request({ method: 'POST', path, body }, options);
    const { allowed, denied } = v.parse(subjectAccessReview, answer).status;
    return allowed && !denied;
  }
}
