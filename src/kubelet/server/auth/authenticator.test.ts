import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, it } from 'node:test';
import type { AccessReviews } from './access-reviews.ts';
import { Authenticator } from './authenticator.ts';
import type { User } from './user.ts';

/** Knows the token `valid`; answers when it is told to. */
class Reviews implements AccessReviews {
  asked = 0;
  answering = Promise.resolve();

  async reviewToken(token: string): Promise<User | undefined> {
    this.asked++;
    await this.answering;
    return token === 'valid' ? { name: 'jane', groups: [] } : undefined;
  }

  reviewAccess(): Promise<boolean> {
    return Promise.resolve(false);
  }
}

class TestClock {
  milliseconds = 0;

  now(): number {
    return this.milliseconds;
  }

  sleep(): Promise<void> {
    return Promise.reject(new Error('sleep: nobody waits'));
  }
}

function start() {
  const reviews = new Reviews();
  const clock = new TestClock();
  const authenticator = new Authenticator({ reviews, clock });
  const ask = async (token: string): Promise<string | undefined> => {
    const request = new IncomingMessage(new Socket());
    request.headers.authorization = `Bearer ${token}`;
    return (await authenticator.authenticate(request))?.name;
  };
  return { reviews, clock, ask };
}

describe('Authenticator', () => {
  it('believes a valid token for two minutes', async () => {
    const { reviews, clock, ask } = start();
    for (const at of [0, 119_999]) {
      clock.milliseconds = at;
      assert.equal(await ask('valid'), 'jane');
    }
    assert.equal(reviews.asked, 1);
    clock.milliseconds = 120_000;
    await ask('valid');
    assert.equal(reviews.asked, 2);
  });

  it('asks about a token that is not valid once in ten seconds', async () => {
    const { reviews, clock, ask } = start();
    for (const at of [0, 9_999]) {
      clock.milliseconds = at;
      assert.equal(await ask('wrong'), undefined);
    }
    assert.equal(reviews.asked, 1);
    clock.milliseconds = 10_000;
    await ask('wrong');
    assert.equal(reviews.asked, 2);
  });

  it('remembers a valid token through a flood of others', async () => {
    const { reviews, ask } = start();
    await ask('valid');
    for (let number = 0; number < 5_000; number++) await ask(`wrong-${number}`);
    const before = reviews.asked;
    assert.equal(await ask('valid'), 'jane');
    assert.equal(reviews.asked, before);
  });

  it('asks once about a token that many bring at the same time', async () => {
    const { reviews, ask } = start();
    const users = await Promise.all([1, 2, 3].map(() => ask('valid')));
    assert.deepEqual(users, ['jane', 'jane', 'jane']);
    assert.equal(reviews.asked, 1);
  });

  it('asks about so many tokens at once, and refuses the others', async () => {
    const { reviews, ask } = start();
    const { promise, resolve } = Promise.withResolvers<void>();
    reviews.answering = promise;
    const asked = Array.from({ length: 100 }, (_, number) => ask(`wrong-${number}`));
    const refused = asked.slice(64).map((each) => assert.rejects(each, /too many/));
    await Promise.all(refused);
    assert.equal(reviews.asked, 64);
    resolve();
    assert.deepEqual(new Set(await Promise.all(asked.slice(0, 64))), new Set([undefined]));
    assert.equal(await ask('valid'), 'jane');
  });
});
