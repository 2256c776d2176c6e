import assert from 'node:assert/strict';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { ManualClock } from '../../../../tests/support/manual-clock.ts';
import { parsePod } from '../parse-pod.ts';
import { type WatchedPod, watchEmptyDirs } from './watch-empty-dirs.ts';

/** A pod whose volume `data` is this directory, and may hold 1 MiB. */
function podWith(directory: string) {
  const clock = new ManualClock();
  const events: (string | undefined)[] = [];
  const failures: object[] = [];
  const pod: WatchedPod = {
    components: { clock },
    manifest: {
      current: parsePod({
        metadata: { name: 'p' },
        spec: {
          containers: [{ name: 'c', image: 'i' }],
          volumes: [{ name: 'data', emptyDir: { sizeLimit: '1Mi' } }],
        },
      }),
    },
    volumes: { mounted: new Map([['data', { path: directory, readOnly: false }]]) },
    event: (_, reason) => events.push(reason),
    fail: (failure) => failures.push(failure),
  };
  return { pod, clock, events, failures };
}

describe('watchEmptyDirs', () => {
  it('fails a pod whose volume holds too much', async () => {
    await using directory = await mkdtempDisposable(path.join(tmpdir(), 'krustlet-empty-dir-'));
    await writeFile(path.join(directory.path, 'file'), Buffer.alloc(2 << 20, 1));
    const { pod, clock, failures } = podWith(directory.path);
    const watching = watchEmptyDirs(pod, new AbortController().signal);
    await clock.advance(10_000);
    await watching;
    const message = 'Usage of EmptyDir volume "data" exceeds the limit "1Mi". ';
    assert.deepEqual(failures, [{ reason: 'Evicted', message }]);
  });

  it('goes on where a volume cannot be measured', async () => {
    const { pod, clock, events, failures } = podWith(`/${'x'.repeat(300)}`);
    const stopping = new AbortController();
    const watching = watchEmptyDirs(pod, stopping.signal);
    await clock.advance(10_000);
    while (clock.sleeps.length < 2) await new Promise(setImmediate);
    assert.deepEqual(events, ['FailedMeasure']);
    stopping.abort();
    await watching;
    assert.deepEqual(failures, []);
  });
});
