import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import type { Pod } from '../../../src/kubelet/pods/schema/pod.ts';
import { Kubectl } from '../server/kubectl.ts';
import { skipWithoutCluster } from '../test-cluster.ts';
import { componentImage } from './component-pods.ts';
import { isPodReady, NodeBench } from './node-bench.ts';

const ranges = '10.78.0.0/24,fd00:10:78::/64';

describe('a node with ranges of both families', {
  skip: skipWithoutCluster,
  timeout: 120_000,
}, () => {
  let bench: NodeBench;

  before(async () => {
    const { code, stderr } = await new Kubectl({ namespace: 'default' }).run(
      'apply',
      '--filename',
      'deploy',
    );
    assert.equal(code, 0, stderr);
    bench = await NodeBench.start({ flags: [`--pod-cidr=${ranges}`] });
  });
  after(() => bench[Symbol.asyncDispose]());

  const sockets = (args: readonly string[]) => ({
    restartPolicy: 'Never',
    containers: [
      { name: 'app', image: componentImage('sockets'), imagePullPolicy: 'IfNotPresent', args },
    ],
  });
  const addressesOf = ({ status }: Pod) => (status.podIPs ?? []).map((each) => each.ip);

  const localAddresses = () =>
    execFileSync('ip', ['-6', 'address', 'show', 'dev', 'lo'], { encoding: 'utf8' });

  it('gives pods an address of each, which components listen on and connect from', async () => {
    await bench.create('server', [], sockets(['tcp-server', '[::]:7777', '1']));
    const [four = '', six = ''] = addressesOf(await bench.until('server', isPodReady));
    assert.match(four, /^10\.78\.0\./);
    assert.match(six, /^fd00:10:78:/);
    await bench.eventually(async () => (await bench.logOf('server')).includes(`[${six}]:7777`));
    await bench.create('client', [], sockets(['tcp-client', `[${six}]:7777`, 'hello']));
    const client = await bench.until('client', ({ status }) =>
      /Succeeded|Failed/.test(status.phase ?? ''),
    );
    const [, from = ''] = addressesOf(client);
    assert.equal((await bench.logOf('client')).trim(), `${from} [${six}]:7777 hello`);
  });

  it('has components serve HTTP at both', async () => {
    const app = {
      name: 'app',
      image: componentImage('http-routes'),
      imagePullPolicy: 'IfNotPresent',
    };
    await bench.create('web', [], { restartPolicy: 'Never', containers: [app] });
    const [four = '', six = ''] = addressesOf(await bench.until('web', isPodReady));
    for (const address of [four, `[${six}]`]) {
      const answer = await fetch(`http://${address}:8080/echo`, { method: 'POST', body: 'hello' });
      assert.equal(await answer.text(), 'hello');
    }
  });

  it('takes the address back when the pod has gone', async () => {
    await bench.create('passing', [], sockets(['udp-server', '[::]:7777', '1']));
    const [, six = ''] = addressesOf(await bench.until('passing', isPodReady));
    assert.ok(localAddresses().includes(`${six}/128`));
    await bench.delete('passing');
    await bench.eventually(() => !localAddresses().includes(six));
  });
});
