import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AbortOptions } from '../../provider.ts';
import { SharedReviews } from './shared-reviews.ts';

/** A review that is answered when the test says so, unless nobody wants it any more. */
class SlowReview {
  readonly answered = Promise.withResolvers<string>();
  asked = 0;
  signal: AbortSignal | undefined;

  readonly ask = async ({ signal }: AbortOptions): Promise<string> => {
    this.asked++;
    this.signal = signal;
    signal?.addEventListener('abort', () => this.answered.reject(signal.reason));
    return await this.answered.promise;
  };
}

describe('SharedReviews', () => {
  it('asks once for all who want to know at the same time', async () => {
    const reviews = new SharedReviews<string>();
    const review = new SlowReview();
    const asking = [1, 2, 3].map(() => reviews.ask('question', review.ask));
    review.answered.resolve('yes');
    assert.deepEqual(await Promise.all(asking), ['yes', 'yes', 'yes']);
    assert.equal(review.asked, 1);
  });

  it('asks again once a question is answered, and what is another question', async () => {
    const reviews = new SharedReviews<string>();
    const review = new SlowReview();
    review.answered.resolve('yes');
    await reviews.ask('question', review.ask);
    await Promise.all(['question', 'another'].map((key) => reviews.ask(key, review.ask)));
    assert.equal(review.asked, 3);
  });

  it('asks again where it failed, which all are told', async () => {
    const reviews = new SharedReviews<string>();
    const failing = () => Promise.reject(new Error('connect: refused'));
    const asking = [1, 2].map(() => reviews.ask('question', failing));
    await Promise.all(asking.map((each) => assert.rejects(each, /refused/)));
    assert.equal(await reviews.ask('question', () => Promise.resolve('yes')), 'yes');
  });

  it('goes on while somebody waits, and ends when nobody does', async () => {
    const reviews = new SharedReviews<string>();
    const review = new SlowReview();
    const gone = [new AbortController(), new AbortController()] as const;
    const asking = gone.map(({ signal }) => reviews.ask('question', review.ask, { signal }));
    gone[0].abort(new Error('gone'));
    await assert.rejects(asking[0] ?? assert.fail(), /gone/);
    assert.equal(review.signal?.aborted, false);
    gone[1].abort(new Error('gone'));
    await assert.rejects(asking[1] ?? assert.fail(), /gone/);
    assert.equal(review.signal?.aborted, true);
    assert.equal(await reviews.ask('question', () => Promise.resolve('yes')), 'yes');
  });

  it('refuses one question too many, and no more than that', async () => {
    const reviews = new SharedReviews<string>();
    const review = new SlowReview();
    const asking = Array.from({ length: 64 }, (_, key) => reviews.ask(`${key}`, review.ask));
    const tooMany = { name: 'HttpError', code: 'TooManyRequests' };
    await assert.rejects(reviews.ask('one more', review.ask), tooMany);
    const known = reviews.ask('0', review.ask);
    review.answered.resolve('yes');
    assert.deepEqual(new Set(await Promise.all([...asking, known])), new Set(['yes']));
    assert.equal(await reviews.ask('one more', review.ask), 'yes');
    assert.equal(review.asked, 65);
  });
});
