import { abortable } from '../../abortable.ts';
import type { AbortOptions } from '../../provider.ts';
import { HttpError } from '../http/http-error.ts';

/** Most questions that are under review at once: who makes them up has no more of the API server. */
const maxReviews = 64;

interface Review<Answer> {
  readonly answer: Promise<Answer>;
  /** Ends the review, where nobody waits for it any more. */
  readonly unwanted: AbortController;
  waiting: number;
}

/** Asks a question once for all who want to know at the same time, and so many questions at once. */
export class SharedReviews<Answer> {
  readonly #running = new Map<string, Review<Answer>>();

  /**
   * The answer to the question with this key, which `review` asks unless somebody does already.
   *
   * @throws HttpError `TooManyRequests` where too many others are under review
   */
  async ask(
    key: string,
    review: (options: Required<AbortOptions>) => Promise<Answer>,
    { signal }: AbortOptions = {},
  ): Promise<Answer> {
    signal?.throwIfAborted();
    const shared = this.#running.get(key) ?? this.#begin(key, review);
    shared.waiting++;
    try {
      return await abortable(shared.answer, signal);
    } finally {
      shared.waiting--;
      if (shared.waiting === 0) this.#end(key, shared);
    }
  }

  #begin(
    key: string,
    review: (options: Required<AbortOptions>) => Promise<Answer>,
  ): Review<Answer> {
    if (this.#running.size >= maxReviews) {
      throw new HttpError('TooManyRequests', 'too many questions to the API server: try again');
    }
    const unwanted = new AbortController();
    const answer = review({ signal: unwanted.signal });
    const begun = { answer, unwanted, waiting: 0 };
    this.#running.set(key, begun);
    return begun;
  }

  #end(key: string, review: Review<Answer>): void {
    review.unwanted.abort(new Error('review access: nobody waits for the answer'));
    if (this.#running.get(key) === review) this.#running.delete(key);
  }
}
