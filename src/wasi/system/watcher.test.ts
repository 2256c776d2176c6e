import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { MessageChannel } from 'node:worker_threads';
import { PortWatcher, watchFor } from '../component/threads/port-watcher.ts';
import { openPipe, type Pipe } from '../libc/pipe.ts';
import { makeNonBlocking } from '../libc/wait-for-input.ts';
import { NativeNetworkSockets } from '../native/native-network-sockets.ts';
import { NativeSystem } from '../native/native-system.ts';
import { PollingWatcher } from './polling-watcher.ts';
import type { System } from './system.ts';
import type { Watcher } from './watcher.ts';

/** Long enough for whoever would be told by mistake. */
const aWhile = 40;

const { port1, port2 } = new MessageChannel();
after(() => port1.close());

const watchers: Readonly<Record<string, (system: System) => Watcher>> = {
  'that the kernel tells': ({ watcher }) => watcher,
  'that asks another': ({ watcher }) => {
    watchFor(port2, watcher);
    return new PortWatcher(port1);
  },
  'that looks again and again': (system) => new PollingWatcher(system),
};

for (const [kind, make] of Object.entries(watchers)) {
  describe(`Watcher ${kind}`, () => {
    const system = new NativeSystem();
    const sockets = new NativeNetworkSockets();
    const watcher = make(system);
    let server: Server;

    before(async () => {
      server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
    });
    after(() => server.close());

    function pipe(): Pipe & Disposable {
      const ends = openPipe();
      assert.ok(typeof ends === 'object');
      return {
        ...ends,
        [Symbol.dispose]() {
          closeSync(ends.read);
          closeSync(ends.write);
        },
      };
    }

    function told(handle: number, kind: 'read' | 'write'): Promise<void> {
      return new Promise((resolve) => watcher.watch(handle, kind, resolve));
    }

    /** How often somebody is told meanwhile. */
    async function timesTold(
      handle: number,
      meanwhile: (end: () => void) => void,
    ): Promise<number> {
      let times = 0;
      const end = watcher.watch(handle, 'read', () => {
        times += 1;
      });
      meanwhile(end);
      await delay(aWhile);
      return times;
    }

    it('tells once of what can be read, whether it comes later or was there before', async () => {
      using ends = pipe();
      assert.equal(await timesTold(ends.read, () => writeSync(ends.write, 'x')), 1);
      assert.equal(await timesTold(ends.read, () => undefined), 1);
      assert.equal(await timesTold(ends.read, () => writeSync(ends.write, 'x')), 1);
    });

    it('tells nobody before, nor who has ended it', async () => {
      using ends = pipe();
      assert.equal(await timesTold(ends.read, (end) => delay(aWhile / 2).then(end)), 0);
      const times = await timesTold(ends.read, (end) => {
        writeSync(ends.write, 'x');
        end();
        end();
      });
      assert.equal(times, 0);
    });

    it('tells all who wait for one handle', async () => {
      using ends = pipe();
      const all = [told(ends.read, 'read'), told(ends.read, 'read'), told(ends.write, 'write')];
      await all[2];
      writeSync(ends.write, 'x');
      await Promise.all(all);
    });

    it('tells of a reader or a writer that has gone', async () => {
      const ends = [openPipe(), openPipe()] as [Pipe, Pipe];
      makeNonBlocking(ends[1].write);
      const full = Buffer.alloc(1 << 16);
      writeSync(ends[1].write, full);
      const both = [told(ends[0].read, 'read'), told(ends[1].write, 'write')];
      closeSync(ends[0].write);
      closeSync(ends[1].read);
      await Promise.all(both);
      closeSync(ends[0].read);
      closeSync(ends[1].write);
    });

    it('tells who reads from a socket and who writes to it apart', async () => {
      const { port } = server.address() as AddressInfo;
      const handle = sockets.open('tcp', 'ipv4');
      sockets.connect(handle, { address: '127.0.0.1', port });
      const [peer] = (await once(server, 'connection')) as [Socket];
      let hasRead = false;
      const read = told(handle, 'read').then(() => {
        hasRead = true;
      });
      await told(handle, 'write');
      await told(handle, 'write');
      assert.ok(!hasRead);
      peer.write('x');
      await read;
      peer.destroy();
      system.streams.close(handle);
    });

    it('knows a handle from one that had its number before', async () => {
      const first = pipe();
      assert.equal(await timesTold(first.read, (end) => end()), 0);
      writeSync(first.write, 'x');
      await told(first.read, 'read');
      first[Symbol.dispose]();
      using second = pipe();
      assert.equal(second.read, first.read);
      assert.equal(await timesTold(second.read, () => undefined), 0);
    });

    it('tells of more handles than one look brings', async () => {
      using all = new DisposableStack();
      const pipes = Array.from({ length: 200 }, () => all.use(pipe()));
      const everyone = Promise.all(pipes.map((ends) => told(ends.read, 'read')));
      for (const ends of pipes) writeSync(ends.write, 'x');
      await everyone;
    });

    it('tells soon of a file, which is always ready', async () => {
      const file = openSync(import.meta.filename, 'r');
      await told(file, 'read');
      closeSync(file);
    });
  });
}

describe('NativeWatcher', () => {
  const run = promisify(execFile);

  /** What a process of its own prints that watches a pipe. */
  async function outputOf(script: string): Promise<string> {
    const source = (name: string) =>
      JSON.stringify(path.resolve(import.meta.dirname, '..', `${name}.ts`));
    const preamble = `
      import { writeSync } from 'node:fs';
      const { NativeSystem } = await import(${source('native/native-system')});
      const { openPipe } = await import(${source('libc/pipe')});
      const { watcher } = new NativeSystem();
      const pipe = openPipe();
      const ready = () => console.log('ready');
    `;
    const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval'];
    const { stdout } = await run(process.execPath, [...args, preamble + script], {
      timeout: 20_000,
    });
    return stdout;
  }

  it('keeps the event loop going while somebody is to be told, and no longer', async () => {
    const keeps = `
      watcher.watch(pipe.read, 'read', ready);
      setTimeout(() => writeSync(pipe.write, 'x'), 50).unref();
    `;
    assert.equal(await outputOf(keeps), 'ready\n');
    assert.equal(await outputOf(`watcher.watch(pipe.read, 'read', ready)();`), '');
  });

  it('lets the processor rest until then, and also when nobody is to be told of what is there', async () => {
    const busy = await outputOf(`
      const end = watcher.watch(pipe.read, 'read', ready);
      const { userCPUTime, systemCPUTime } = process.resourceUsage();
      setTimeout(() => {
        end();
        writeSync(pipe.write, 'x');
      }, 200);
      setTimeout(() => {
        const after = process.resourceUsage();
        const spent = after.userCPUTime + after.systemCPUTime - userCPUTime - systemCPUTime;
        console.log(spent / 1000);
      }, 600);
    `);
    // Milliseconds of 600.
    assert.ok(Number(busy) < 60, busy);
  });
});
