import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../../../tests/support/manual-clock.ts';
import { OverdueEnds } from './overdue-ends.ts';
import { parsePod } from './parse-pod.ts';

const pod = parsePod({
  metadata: { name: 'slow', namespace: 'default', uid: '1', deletionGracePeriodSeconds: 5 },
  spec: {
    containers: [{ name: 'app', image: 'file:/app.wasm' }],
    terminationGracePeriodSeconds: 30,
  },
});

describe('OverdueEnds', () => {
  it('says which pod has not ended two minutes after its grace period', async () => {
    const clock = new ManualClock(1_000);
    const ends = new OverdueEnds({ clock });
    ends.entered('Terminating', pod);
    await clock.advance(125_000);
    assert.equal(ends.problem, undefined);
    await clock.advance(1_000);
    assert.match(ends.problem ?? '', /^pod 'default\/slow' has been ending for 126 s, with 5 s/);
  });

  it('counts a step that failed and is tried again as the same end', async () => {
    const clock = new ManualClock();
    const ends = new OverdueEnds({ clock });
    ends.entered('Terminating', pod);
    await clock.advance(126_000);
    for (const state of ['FailedSync', 'Terminating']) ends.entered(state, pod);
    assert.match(ends.problem ?? '', /slow/);
  });

  it('says nothing of pods that run, or whose containers have ended', async () => {
    const clock = new ManualClock();
    const ends = new OverdueEnds({ clock });
    ends.entered('Running', pod);
    await clock.advance(1_000_000);
    assert.equal(ends.problem, undefined);
    ends.entered('Terminating', pod);
    ends.entered('Terminated', pod);
    await clock.advance(1_000_000);
    assert.equal(ends.problem, undefined);
  });
});
