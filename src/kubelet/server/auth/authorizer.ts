import type { Clock } from '../../../kubernetes/clock.ts';
import type { AbortOptions } from '../../provider.ts';
import type { AccessReviews, NodeAccess } from './access-reviews.ts';
import { ExpiringCache } from './expiring-cache.ts';
import type { RequestAttributes } from './request-attributes.ts';
import { SharedReviews } from './shared-reviews.ts';
import type { User } from './user.ts';

/** How long an answer is trusted without asking again, in milliseconds: stock kubelets' defaults. */
const allowedLifetime = 5 * 60_000;
const deniedLifetime = 30_000;

/** Decides by SubjectAccessReview what a user may do with this node. */
export class Authorizer {
  readonly #reviews: AccessReviews;
  readonly #answers: ExpiringCache<boolean>;
  readonly #shared = new SharedReviews<boolean>();

  constructor(components: { readonly reviews: AccessReviews; readonly clock: Clock }) {
    this.#reviews = components.reviews;
    this.#answers = new ExpiringCache({ clock: components.clock });
  }

  /**
   * Whether one of the subresources is allowed.
   *
   * @throws where the API server could not be asked, or is asked too much already: the request must
   * then be refused
   */
  async authorize(
    user: User,
    { verb, subresources }: RequestAttributes,
    options: AbortOptions = {},
  ): Promise<boolean> {
    for (const subresource of subresources) {
      if (await this.#isAllowed({ user, verb, subresource }, options)) return true;
    }
    return false;
  }

  async #isAllowed(access: NodeAccess, options: AbortOptions): Promise<boolean> {
    const key = JSON.stringify(access);
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    return await this.#shared.ask(key, (shared) => this.#review(access, key, shared), options);
  }

  async #review(access: NodeAccess, key: string, options: AbortOptions): Promise<boolean> {
    const allowed = await this.#reviews.reviewAccess(access, options);
    this.#answers.set(key, allowed, allowed ? allowedLifetime : deniedLifetime);
    return allowed;
  }
}
