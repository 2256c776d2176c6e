import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../../../tests/cluster/server/eventually.ts';
import { systemClock } from '../../kubernetes/clock.ts';
import { parsePod } from './parse-pod.ts';
import type { PodPhase, PodStatus } from './schema/pod-status.ts';
import { StatusReporter } from './status-reporter.ts';

const { status: empty } = parsePod({
  metadata: { name: 'p' },
  spec: { containers: [{ name: 'app', image: 'example.dev/app:1' }] },
});

async function withReporter(
  write: (status: PodStatus) => Promise<void>,
  test: (reporter: StatusReporter, become: (phase: PodPhase) => void) => Promise<void>,
): Promise<void> {
  const end = new AbortController();
  let phase: PodPhase = 'Pending';
  const reporter = new StatusReporter(
    { compute: (previous) => ({ ...previous, phase }), write, clock: systemClock },
    empty,
  );
  const running = reporter.run(end.signal);
  try {
    await test(reporter, (next) => {
      phase = next;
      reporter.changed();
    });
  } finally {
    end.abort();
    await running;
  }
}

describe('StatusReporter', () => {
  it('writes what changed once, however often it is told', async () => {
    const written: (string | undefined)[] = [];
    await withReporter(
      async ({ phase }) => void written.push(phase),
      async (reporter, become) => {
        become('Running');
        become('Running');
        await reporter.flush(AbortSignal.timeout(5_000));
        become('Running');
        await sleep(20);
        assert.deepEqual(written, ['Running']);
      },
    );
  });

  it('tries again until the newest status is written', async () => {
    let failures = 2;
    const written: (string | undefined)[] = [];
    await withReporter(
      async ({ phase }) => {
        failures -= 1;
        if (failures >= 0) throw new Error('away');
        written.push(phase);
      },
      async (reporter, become) => {
        become('Running');
        await sleep(10);
        become('Succeeded');
        await reporter.flush(AbortSignal.timeout(5_000));
        assert.deepEqual(written, ['Succeeded']);
      },
    );
  });

  it('offers the status again when the pod has changed at its source', async () => {
    const written: (string | undefined)[] = [];
    await withReporter(
      async ({ phase }) => void written.push(phase),
      async (reporter, become) => {
        become('Running');
        await reporter.flush(AbortSignal.timeout(5_000));
        reporter.sourceChanged();
        await eventually(() => written.length === 2);
        assert.deepEqual(written, ['Running', 'Running']);
      },
    );
  });
});
