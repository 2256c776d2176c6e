import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { skipWithoutCluster } from '../test-cluster.ts';
import { container, containerProcesses, forever, NodeBench } from './node-bench.ts';

const count = 50;
const kills = 6;

describe('a daemon that is killed again and again', {
  skip: skipWithoutCluster,
  timeout: 240_000,
}, () => {
  let bench: NodeBench;
  let journal: string;

  before(async () => {
    bench = await NodeBench.start();
    journal = path.join(bench.node.directory, 'journal');
    mkdirSync(journal, { mode: 0o777 });
  });
  after(() => bench[Symbol.asyncDispose]());

  const nameOf = (index: number): string => `churn-${index}`;
  /** Even ones end by themselves, odd ones run until they are deleted; each notes its start. */
  const create = (index: number): Promise<unknown> =>
    bench.create(nameOf(index), [], {
      restartPolicy: 'Never',
      volumes: [{ name: 'journal', hostPath: { path: journal } }],
      containers: [
        container(
          'app',
          [
            `append(lit:started)to(file:/journal/${nameOf(index)})`,
            index % 2 === 0 ? 'sleep(lit:500)' : forever,
          ],
          { volumeMounts: [{ name: 'journal', mountPath: '/journal' }] },
        ),
      ],
    });

  it('loses nothing, runs nothing twice, and leaves no process', async () => {
    const indices = Array.from({ length: count }, (_, index) => index);
    const creating = (async () => {
      for (const index of indices) {
        await create(index);
        await sleep(Math.random() * 200);
      }
    })();
    for (let kill = 0; kill < kills; kill += 1) {
      await sleep(500 + Math.random() * 2_000);
      await bench.node.stop('SIGKILL');
      bench.node.start();
    }
    await creating;
    for (const index of indices) {
      const wanted = index % 2 === 0 ? 'Succeeded' : 'Running';
      const { status } = await bench.until(
        nameOf(index),
        ({ status: { phase } }) => phase !== 'Pending' && (index % 2 === 1 || phase !== 'Running'),
        60,
      );
      assert.equal(status.phase, wanted, `${nameOf(index)}: ${JSON.stringify(status)}`);
      assert.equal(status.containerStatuses[0]?.restartCount, 0);
      assert.equal(readFileSync(path.join(journal, nameOf(index)), 'utf8'), 'started\n');
    }
    assert.equal(containerProcesses().size, count / 2);
    const deleting = Promise.all(indices.map((index) => bench.delete(nameOf(index))));
    await bench.node.stop('SIGKILL');
    bench.node.start();
    await deleting;
    let left: readonly string[] = [];
    await bench.eventually(
      async () => {
        left = (await bench.pods()).map(
          ({ metadata, status }) => `${metadata.name} ${status.phase}`,
        );
        return left.length === 0;
      },
      () => left.join(', '),
      60,
    );
    assert.equal(containerProcesses().size, 0);
  });
});
