import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AccessReviews, NodeAccess } from './access-reviews.ts';
import { Authorizer } from './authorizer.ts';

class Reviews implements AccessReviews {
  readonly asked: NodeAccess[] = [];
  readonly #allowed: readonly string[];
  reachable = true;

  constructor(allowed: readonly string[]) {
    this.#allowed = allowed;
  }

  reviewToken(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  reviewAccess(access: NodeAccess): Promise<boolean> {
    if (!this.reachable) return Promise.reject(new Error('connect: refused'));
    this.asked.push(access);
    return Promise.resolve(this.#allowed.includes(`${access.verb} ${access.subresource}`));
  }
}

class StoppedClock {
  milliseconds = 0;

  now(): number {
    return this.milliseconds;
  }

  sleep(): Promise<void> {
    return Promise.reject(new Error('sleep: the clock stands still'));
  }
}

const user = { name: 'jane', groups: ['developers'] };
const getPods = { verb: 'get', subresources: ['pods', 'proxy'] };

describe('Authorizer', () => {
  it('allows where one of the subresources is allowed', async () => {
    const reviews = new Reviews(['get proxy']);
    const authorizer = new Authorizer({ reviews, clock: new StoppedClock() });
    assert.equal(await authorizer.authorize(user, getPods), true);
    assert.deepEqual(
      reviews.asked.map(({ subresource }) => subresource),
      ['pods', 'proxy'],
    );
  });

  it('denies where none is allowed', async () => {
    const reviews = new Reviews(['create proxy']);
    const authorizer = new Authorizer({ reviews, clock: new StoppedClock() });
    assert.equal(await authorizer.authorize(user, getPods), false);
  });

  it('trusts a yes for five minutes and a no for thirty seconds', async () => {
    const reviews = new Reviews(['get pods']);
    const clock = new StoppedClock();
    const authorizer = new Authorizer({ reviews, clock });
    const ask = async (verb: string) => {
      const before = reviews.asked.length;
      await authorizer.authorize(user, { verb, subresources: ['pods'] });
      return reviews.asked.length - before;
    };
    assert.deepEqual([await ask('get'), await ask('create')], [1, 1]);
    clock.milliseconds = 29_999;
    assert.deepEqual([await ask('get'), await ask('create')], [0, 0]);
    clock.milliseconds = 30_000;
    assert.deepEqual([await ask('get'), await ask('create')], [0, 1]);
    clock.milliseconds = 5 * 60_000;
    assert.equal(await ask('get'), 1);
  });

  it('asks anew for another user, also one whose name hides a group', async () => {
    const reviews = new Reviews(['get pods']);
    const authorizer = new Authorizer({ reviews, clock: new StoppedClock() });
    await authorizer.authorize(user, getPods);
    await authorizer.authorize({ name: 'jane', groups: [] }, getPods);
    assert.equal(reviews.asked.length, 2);
  });

  it('asks once what many want to do at the same time, and so many questions at once', async () => {
    const reviews = new Reviews(['get pods']);
    const authorizer = new Authorizer({ reviews, clock: new StoppedClock() });
    const users = Array.from({ length: 65 }, (_, number) => ({ name: `${number}`, groups: [] }));
    const asked = [...users, ...users].map((each) => authorizer.authorize(each, getPods));
    const results = await Promise.allSettled(asked);
    const allowed = results.filter((each) => each.status === 'fulfilled' && each.value);
    assert.equal(allowed.length, 128);
    assert.equal(reviews.asked.length, 64);
    assert.equal(await authorizer.authorize({ name: '64', groups: [] }, getPods), true);
  });

  it('fails, rather than decides, where the API server cannot be asked', async () => {
    const reviews = new Reviews(['get pods']);
    reviews.reachable = false;
    const authorizer = new Authorizer({ reviews, clock: new StoppedClock() });
    await assert.rejects(authorizer.authorize(user, getPods), /refused/);
  });
});
