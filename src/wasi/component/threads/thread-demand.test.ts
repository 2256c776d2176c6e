import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Observation, ThreadDemand } from './thread-demand.ts';

const quiet: Observation = {
  threads: 0,
  serving: 0.1,
  busy: 0,
  hasSeveralClients: true,
  idleProcessors: 2,
};
const busy: Observation = { ...quiet, serving: 0.95 };

/** What a demand says after each of some looks, of which the number of threads follows. */
function follow(most: number, looks: readonly Omit<Observation, 'threads'>[]): number[] {
  const demand = new ThreadDemand({ most });
  let threads = 0;
  return looks.map((look) => {
    threads = demand.after({ ...look, threads });
    return threads;
  });
}

function times(count: number, look: Observation): Observation[] {
  return Array.from({ length: count }, () => look);
}

describe('ThreadDemand', () => {
  it('wants two threads at once where the one there is has been busy for two looks', () => {
    assert.deepEqual(follow(4, [busy, quiet, busy, busy]), [0, 0, 0, 2]);
  });

  it('wants none for one client that waits for each answer, nor keeps them for it', () => {
    assert.deepEqual(
      new Set(follow(4, times(10, { ...busy, hasSeveralClients: false }))),
      new Set([0]),
    );
    const one = { ...busy, busy: 0.9, hasSeveralClients: false };
    assert.equal(follow(2, [busy, busy, ...times(20, one)]).at(-1), 0);
  });

  it('wants no more where they would only take turns with what keeps the processors busy', () => {
    const full = { ...busy, idleProcessors: 0.3 };
    assert.deepEqual(follow(4, [full, full, busy, full, busy, busy]), [0, 0, 0, 0, 0, 2]);
    const both = { ...busy, busy: 1.9, idleProcessors: 0.1 };
    assert.equal(follow(4, [busy, busy, both, both, both]).at(-1), 2);
  });

  it('wants one more each time that all have been busy, up to the most', () => {
    const all = (count: number) => ({ ...busy, busy: count * 0.9 });
    const looks = [busy, busy, all(2), all(2), all(3), all(3), all(4), all(4), all(4)];
    assert.deepEqual(follow(4, looks), [0, 2, 2, 3, 3, 4, 4, 4, 4]);
  });

  it('wants none where there may be but one', () => {
    assert.deepEqual(follow(1, times(4, busy)), [0, 0, 0, 0]);
  });

  it('wants fewer after ten seconds in which one fewer would have done, and never just one', () => {
    const rest = { ...quiet, busy: 0 };
    const counts = follow(3, [
      busy,
      busy,
      { ...busy, busy: 2 },
      { ...busy, busy: 2 },
      ...times(40, rest),
    ]);
    assert.deepEqual(
      counts.slice(3, 23),
      Array.from({ length: 20 }, () => 3),
    );
    assert.deepEqual([counts[23], counts[42], counts[43]], [2, 2, 0]);
  });

  it('keeps threads that are needed now and then', () => {
    const some = times(15, { ...quiet, busy: 0.1 });
    const counts = follow(2, [busy, busy, ...some, { ...busy, busy: 1.5 }, ...some]);
    assert.equal(counts.at(-1), 2);
  });
});
