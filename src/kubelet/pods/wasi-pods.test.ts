import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { contractGuests } from '../../../tests/contracts/contract-guests.ts';
import { PodWorkbench } from '../../../tests/pods/pod-workbench.ts';
import { WasiLives } from '../../../tests/pods/wasi-lives.ts';
import { parseConfigMap } from './parse-pod.ts';

/** Copies the file `in` of its first mount to its second one, which is a file: as `.` of itself. */
const lastWords = `(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "in") (data (i32.const 80) ".")
  (func $check (param i32) (if (local.get 0) (then (call $exit (local.get 0)))))
  (func (export "_start")
    (call $check (call $open (i32.const 3) (i32.const 1) (i32.const 64) (i32.const 2)
      (i32.const 0) (i64.const 2) (i64.const 2) (i32.const 0) (i32.const 16)))
    (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 256))
    (call $check (call $read (i32.load (i32.const 16)) (i32.const 0) (i32.const 1) (i32.const 24)))
    (call $check (call $open (i32.const 4) (i32.const 1) (i32.const 80) (i32.const 1)
      (i32.const 0) (i64.const 64) (i64.const 64) (i32.const 0) (i32.const 16)))
    (i32.store (i32.const 4) (i32.load (i32.const 24)))
    (call $check (call $write (i32.load (i32.const 16)) (i32.const 0) (i32.const 1) (i32.const 8)))
    (call $exit (i32.const 9))))`;

describe('PodRunner with WASI modules', () => {
  it('gives a module its volumes and reads its last words', async () => {
    await using lives = new WasiLives();
    await using bench = await PodWorkbench.create({ provider: lives.begin() });
    bench.objects.putConfigMap(
      parseConfigMap({ metadata: { name: 'settings' }, data: { in: 'goodbye', other: 'x' } }),
    );
    await bench.add({
      restartPolicy: 'Never',
      containers: [
        {
          name: 'app',
          image: lives.containers.module('last-words', lastWords),
          imagePullPolicy: 'IfNotPresent',
          volumeMounts: [{ name: 'v', mountPath: '/etc/app' }],
        },
      ],
      volumes: [{ name: 'v', configMap: { name: 'settings' } }],
    });
    const status = await bench.until(({ phase }) => phase === 'Failed');
    const ended = status.containerStatuses[0]?.state.terminated;
    assert.deepEqual([ended?.exitCode, ended?.message], [9, 'goodbye']);
  });

  it('probes and stops a module, and runs its hooks', async () => {
    await using lives = new WasiLives();
    await using bench = await PodWorkbench.create({ provider: lives.begin() });
    const exec = (...command: string[]) => ({ exec: { command } });
    const volumeMounts = [{ name: 'v', mountPath: '/data' }];
    await bench.add({
      terminationGracePeriodSeconds: 2,
      containers: [
        {
          name: 'app',
          image: lives.containers.module('forever', contractGuests.forever),
          imagePullPolicy: 'IfNotPresent',
          volumeMounts,
          lifecycle: { postStart: exec('mkdir', '/data/started') },
          readinessProbe: { ...exec('stat', '/data/started'), periodSeconds: 1 },
        },
      ],
      volumes: [{ name: 'v', emptyDir: {} }],
    });
    await bench.until(({ containerStatuses: [app] }) => app?.ready === true);
    await bench.delete();
    assert.equal(bench.statuses.at(-1)?.containerStatuses[0]?.state.terminated?.exitCode, 143);
    assert.deepEqual(
      bench.events.filter(({ type }) => type === 'Warning'),
      [],
    );
  });

  it('listens on the container ports, each pod on its own address', async () => {
    await using lives = new WasiLives();
    await using bench = await PodWorkbench.create({ provider: lives.begin() });
    const spec = {
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'app',
          image: lives.containers.module('forever', contractGuests.forever),
          imagePullPolicy: 'IfNotPresent',
          ports: [{ containerPort: 8080 }],
          readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
        },
      ],
    };
    const pods = ['one', 'two'];
    for (const name of pods) await bench.add(spec, { name });
    for (const name of pods) {
      const status = await bench.until(({ containerStatuses: [app] }) => app?.ready === true, name);
      const socket = connect(8080, status.podIP);
      await new Promise((resolve, reject) => {
        socket.once('connect', resolve).once('error', reject);
      });
      socket.destroy();
    }
  });
});
