import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventually } from '../../../tests/cluster/server/eventually.ts';
import { PodApi } from '../../../tests/support/pod-api.ts';
import { Store } from '../../krator/cache/store.ts';
import { systemClock } from '../../kubernetes/clock.ts';
import { parsePod } from '../pods/parse-pod.ts';
import type { Pod } from '../pods/schema/pod.ts';
import { UnreadablePods } from './unreadable-pods.ts';

const metadata = { name: 'odd', namespace: 'default', uid: 'u1', resourceVersion: '7' };
const spec = { containers: [{ name: 'app', image: 'example.dev/app:1' }] };
const deletion = { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 5 };

async function withUnreadable(
  test: (
    take: (object: unknown) => void,
    api: PodApi,
    pods: Store<Pod>,
    unreadable: UnreadablePods,
  ) => Promise<void>,
): Promise<readonly string[]> {
  await using api = await PodApi.start();
  const pods = new Store<Pod>();
  const events: string[] = [];
  const end = new AbortController();
  const unreadable = new UnreadablePods({
    client: api.client(),
    clock: systemClock,
    log: { info: () => undefined, warn: () => undefined },
    events: {
      record: ({ pod, message }) => void events.push(`${pod.metadata.name}: ${message}`),
      recordUnreadable: ({ name }, problem) => void events.push(`${name}: ${problem}`),
    },
    pods,
  });
  const running = unreadable.run(end);
  try {
    await test((object) => unreadable.take(object, 'status.phase is odd'), api, pods, unreadable);
  } finally {
    end.abort();
    await running;
  }
  return events;
}

describe('UnreadablePods', () => {
  it('says why a pod does not run, and leaves it alone', async () => {
    const events = await withUnreadable(async (take, api) => {
      take({ metadata });
      take({ metadata: {} });
      assert.deepEqual(api.requests, []);
    });
    assert.deepEqual(events, ['odd: status.phase is odd']);
  });

  it('lets go of a pod that is deleted, of which nothing runs here', async () => {
    await withUnreadable(async (take, api) => {
      api.pods.set('odd', { metadata });
      take({ metadata: { ...metadata, ...deletion } });
      await eventually(() => api.pods.size === 0);
    });
  });

  it('says why a pod does not run that can be read, and lets go of it when it is deleted', async () => {
    const events = await withUnreadable(async (_take, api, pods, unreadable) => {
      api.pods.set('odd', { metadata });
      const [pod, deleted] = [{}, deletion].map((fields) =>
        parsePod({ metadata: { ...metadata, ...fields }, spec }),
      );
      assert.ok(pod && deleted);
      pods.put(pod);
      unreadable.refuse(pod, 'its name is taken');
      assert.deepEqual(api.requests, []);
      unreadable.refuse(deleted, 'its name is taken');
      await eventually(() => api.pods.size === 0);
    });
    assert.deepEqual(new Set(events), new Set(['odd: its name is taken']));
  });

  it('has a pod ended that could be read before', async () => {
    await withUnreadable(async (take, api, pods) => {
      pods.put(parsePod({ metadata: { ...metadata, resourceVersion: '6' }, spec }));
      take({ metadata: { ...metadata, ...deletion } });
      assert.equal(pods.get('default/odd')?.metadata.deletionGracePeriodSeconds, 5);
      assert.deepEqual(api.requests, []);
    });
  });
});
