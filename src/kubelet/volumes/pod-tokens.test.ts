import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../../../tests/support/manual-clock.ts';
import { parsePod } from '../pods/parse-pod.ts';
import { ManifestObjects } from '../standalone/manifest-objects.ts';
import { PodTokens } from './pod-tokens.ts';

const pod = parsePod({
  metadata: { name: 'p' },
  spec: { containers: [{ name: 'c', image: 'i' }] },
});
const request = { audience: 'api', expirationSeconds: 1000 };

/** Issues tokens one after the other, and refuses those of these numbers. */
class Issuer extends ManifestObjects {
  issued = 0;
  readonly #refused: readonly number[];

  constructor(...refused: readonly number[]) {
    super();
    this.#refused = refused;
  }

  override async serviceAccountToken() {
    this.issued += 1;
    if (this.#refused.includes(this.issued)) throw new Error(`refused ${this.issued}`);
    return { token: `t${this.issued}`, lifeSeconds: 1000 };
  }
}

describe('PodTokens', () => {
  it('gives the token that was asked for before it was needed', async () => {
    const objects = new Issuer();
    const tokens = new PodTokens({ objects, clock: new ManualClock() });
    const prepared = tokens.prepare(pod, request);
    assert.equal((await tokens.get(pod, request)).token, 't1');
    await prepared;
    assert.equal((await tokens.get(pod, request)).token, 't1');
    assert.equal(objects.issued, 1);
  });

  it('asks for each audience by itself', async () => {
    const tokens = new PodTokens({ objects: new Issuer(), clock: new ManualClock() });
    const [one, other] = await Promise.all([
      tokens.get(pod, request),
      tokens.get(pod, { ...request, audience: 'other' }),
    ]);
    assert.notEqual(one.token, other.token);
  });

  it('asks again where asking before the need has failed', async () => {
    const tokens = new PodTokens({ objects: new Issuer(1, 2), clock: new ManualClock() });
    await tokens.prepare(pod, request);
    await assert.rejects(tokens.get(pod, request), /refused 2/);
    assert.equal((await tokens.get(pod, request)).token, 't3');
  });
});
