import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  globSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { TestContainers, testUser } from '../../../tests/runtime/test-containers.ts';
import { freePort } from '../../../tests/support/free-port.ts';
import { duplicateForExec } from '../../wasi/libc/process.ts';
import type { StartForm } from '../container-spec.ts';
import { isRunning, startTimeOf } from '../process/process-identity.ts';

const hostileZygote = path.resolve(import.meta.dirname, '../../../tests/runtime/hostile-zygote.ts');
const sigSys = 31;
/** Refused by the filter: the kernel ended the process at the attempt. */
const killed = `signal ${sigSys}`;

for (const form of ['fork', 'exec'] satisfies StartForm[]) {
  describe(`enterSandbox, ${form}, against code that has escaped its engine`, () => {
    const containers = new TestContainers(form, { main: hostileZygote });
    const readWrite = makeDirectory(path.join(containers.directory, 'rw'));
    const readOnly = makeDirectory(path.join(containers.directory, 'ro'));
    const outside = makeDirectory(path.join(containers.directory, 'outside'));
    const modulePath = path.join(outside, 'secret');
    const library = path.join(readWrite, 'library.so');
    const mounts = [
      { hostPath: readWrite, guestPath: '/rw', readOnly: false },
      { hostPath: readOnly, guestPath: '/ro', readOnly: true },
    ];
    const tcp = createServer();
    const unix = createServer();
    const unixPath = path.join(readWrite, 'server.sock');

    before(async () => {
      writeFileSync(modulePath, 'secret', { mode: 0o644 });
      for (const directory of [readWrite, readOnly]) {
        writeFileSync(path.join(directory, 'file'), 'content');
        chmodSync(path.join(directory, 'file'), 0o666);
      }
      copyFileSync(someLibrary(), library);
      await Promise.all([listen(tcp, 0), listen(unix, unixPath)]);
      chmodSync(unixPath, 0o777);
    });
    after(async () => {
      tcp.close();
      unix.close();
      await containers[Symbol.asyncDispose]();
    });

    /** What came of an attack: `done`, an error, or the signal that ended the process. */
    async function outcome(...args: readonly string[]): Promise<string> {
      const container = containers.create({ args, mounts, modulePath });
      const { signal } = await containers.run(container);
      return signal === undefined ? container.output.trim() : `signal ${signal}`;
    }

    /** Makes each attack in a container of its own, and compares what came of it. */
    async function expect(expected: RegExp | string, ...attacks: readonly (readonly string[])[]) {
      const outcomes = await Promise.all(attacks.map(async (attack) => await outcome(...attack)));
      for (const [index, actual] of outcomes.entries()) {
        const attack = attacks[index]?.join(' ') ?? '';
        if (typeof expected === 'string') assert.equal(actual, expected, attack);
        else assert.match(actual, expected, attack);
      }
    }

    it('lets a container do what its mounts allow', async () => {
      await expect(
        'done',
        ['read', path.join(readOnly, 'file')],
        ['read', path.join(readWrite, 'file')],
        ['write', path.join(readWrite, 'file')],
        ['write', path.join(readWrite, 'new')],
      );
    });

    it('refuses to read outside the mounts', async () => {
      const files = ['/etc/passwd', modulePath, '/proc/self/environ', process.execPath];
      await expect(/^EACCES/, ...files.map((file) => ['read', file] as const));
    });

    it('hands on nothing that the node itself was started with', async () => {
      const file = openSync('/etc/passwd', 'r');
      const leaked = duplicateForExec(file);
      await using others = new TestContainers(form, { main: hostileZygote });
      const args = ['readDescriptor', `${leaked}`];
      const container = others.create({ args, modulePath });
      await others.run(container);
      for (const fd of [file, leaked]) closeSync(fd);
      assert.match(container.output, /^EBADF/);
    });

    it('keeps a mount to its subPath, of a directory and of a file', async () => {
      const volume = makeDirectory(path.join(containers.directory, 'volume'));
      const sub = makeDirectory(path.join(volume, 'sub'));
      for (const file of [
        path.join(volume, 'beside'),
        path.join(sub, 'file'),
        path.join(sub, 'beside'),
      ]) {
        writeFileSync(file, 'content', { mode: 0o644 });
      }
      const directory = { hostPath: volume, subPath: 'sub', guestPath: '/sub', readOnly: false };
      const file = { hostPath: volume, subPath: 'sub/file', guestPath: '/file', readOnly: true };
      for (const [mount, read, expected] of [
        [directory, path.join(sub, 'file'), /^done$/],
        [directory, path.join(volume, 'beside'), /^EACCES/],
        [file, path.join(sub, 'file'), /^done$/],
        [file, path.join(sub, 'beside'), /^EACCES/],
      ] as const) {
        const container = containers.create({ args: ['read', read], mounts: [mount], modulePath });
        await containers.run(container);
        assert.match(container.output.trim(), expected);
      }
    });

    it('does not start where a subPath leads out of its mount', async () => {
      const volume = makeDirectory(path.join(containers.directory, 'trapped'));
      symlinkSync(outside, path.join(volume, 'way'));
      symlinkSync('../outside', path.join(volume, 'back'));
      for (const subPath of ['way', 'back/secret']) {
        const mount = { hostPath: volume, subPath, guestPath: '/m', readOnly: true };
        const container = containers.create({ mounts: [mount], modulePath });
        await assert.rejects(containers.start(container), /Cannot open mount '\/m': .*\(perm\)$/);
      }
    });

    it('refuses every way to write to a read-only mount', async () => {
      await expect(
        /^EACCES/,
        ['write', path.join(readOnly, 'file')],
        ['openForWriting', path.join(readOnly, 'file')],
        ['write', path.join(readOnly, 'new')],
      );
    });

    it('refuses the memory and the signals of others: daemon, zygote, container', async () => {
      const other = await containers.start(containers.create({ args: ['wait'], modulePath }));
      const zygote = await containers.starter.status('test');
      assert.ok(zygote);
      for (const pid of [process.pid, zygote.pid, other.pid]) {
        const startTime = startTimeOf(pid);
        await expect(/^EACCES/, ['read', `/proc/${pid}/mem`]);
        await expect(killed, ['kill', `${pid}`], ['ptrace', `${pid}`], ['readMemory', `${pid}`]);
        assert.ok(startTime && isRunning({ pid, startTime }));
      }
    });

    it('refuses to execute a program or to make a process', async () => {
      await expect(killed, ['execute', '/bin/true'], ['fork']);
    });

    it('refuses to connect', async () => {
      const address = tcp.address();
      assert.ok(address !== null && typeof address === 'object');
      await expect('errno 1', ['connectTcp', `${address.port}`], ['connectUnix', unixPath]);
    });

    it('lets an event loop connect to the TCP ports of its spec alone, and to no Unix socket', async () => {
      const address = tcp.address();
      assert.ok(address !== null && typeof address === 'object');
      for (const [expected, ...args] of [
        ['errno 13', 'connectTcp', `${address.port}`],
        ['errno 13', 'connectTcpLater', `${address.port}`],
        ['errno 1', 'connectMultipathTcp', `${address.port}`],
        ['errno 1', 'changeProtocol'],
        ['errno 1', 'connectUnix', unixPath],
        ['errno 1', 'sendDatagram', unixPath],
      ] as const) {
        const env = [{ name: 'THREADS', value: 'event-loop' }];
        const container = containers.create({ args, env, mounts, modulePath });
        await containers.run(container);
        assert.equal(container.output.trim(), expected, args.join(' '));
      }
    });

    it('lets an event loop open streams and datagrams of the internet, and no other sockets', async () => {
      const [unix, internet, internet6, netlink] = [1, 2, 10, 16];
      const [stream, datagram, raw, packets, congestion] = [1, 2, 3, 5, 6];
      const nonBlocking = 0o4000;
      for (const [expected, ...socket] of [
        ['done', internet, stream | nonBlocking],
        ['done', internet, datagram, 17],
        ['done', internet6, stream, 6],
        ['errno 1', internet, 0],
        ['errno 1', internet, raw, 17],
        ['errno 1', internet, packets], // SCTP, where the machine has it
        ['errno 1', internet6, packets | nonBlocking],
        ['errno 1', internet, congestion],
        ['errno 1', unix, datagram],
        ['errno 1', netlink, raw],
      ] as const) {
        const args = ['openSocket', ...socket.map(String)];
        const env = [{ name: 'THREADS', value: 'event-loop' }];
        const container = containers.create({ args, env, modulePath });
        await containers.run(container);
        assert.equal(container.output.trim(), expected, args.join(' '));
      }
    });

    it('refuses to connect by sending, which Landlock does not see', async () => {
      const address = tcp.address();
      assert.ok(address !== null && typeof address === 'object');
      const reached: Socket[] = [];
      tcp.on('connection', (socket) => reached.push(socket));
      const port = await freePort();
      const listener = { name: 'web', address: '127.0.0.1', port };
      for (const [expected, call, changes] of [
        ['errno 1', 'sendto', { env: [{ name: 'THREADS', value: 'event-loop' }] }],
        ['errno 1', 'sendmsg', { env: [{ name: 'THREADS', value: 'event-loop' }] }],
        ['errno 1', 'sendmmsg', { env: [{ name: 'THREADS', value: 'event-loop' }] }],
        ['errno 1', 'sendto', { listeners: [listener] }],
        ['errno 1', 'sendmsg', { listeners: [listener] }],
      ] as const) {
        const args = ['connectBySending', call, `${address.port}`];
        const container = containers.create({ args, modulePath, ...changes });
        await containers.run(container);
        assert.equal(container.output.trim(), expected, call);
      }
      assert.equal(reached.length, 0);
    });

    it('refuses leases, which have others wait who open the file, and to have others signalled', async () => {
      const owned = path.join(readWrite, 'owned');
      writeFileSync(owned, 'content');
      chownSync(owned, testUser.uid, testUser.gid);
      await expect('errno 1', ['lease', owned], ['haveSignalled', `${process.pid}`]);
    });

    it('refuses to load a native library, also from a mount', async () => {
      await expect(/cannot open shared object file/, ['dlopen', someLibrary()]);
      await expect(/failed to map segment/, ['dlopen', library]);
    });

    it('has no pipe that a sibling has, too', {
      skip: form === 'exec' && 'no sibling',
    }, async () => {
      await expect('none', ['pipe']);
    });

    it('refuses to change who it is and what it sees', async () => {
      await expect(killed, ['becomeRoot'], ['unshare'], ['mount', outside, readWrite]);
    });
  });
}

function makeDirectory(directory: string): string {
  mkdirSync(directory);
  chmodSync(directory, 0o777);
  return directory;
}

function someLibrary(): string {
  const [library] = globSync('/{usr/,}lib{64,}/{x86_64,aarch64}-linux-gnu/libresolv.so.2');
  if (library === undefined) throw new Error('Cannot find a native library to load');
  return library;
}

async function listen(server: Server, where: number | string): Promise<void> {
  await new Promise<void>((resolve) => {
    if (typeof where === 'number') server.listen(where, '127.0.0.1', resolve);
    else server.listen(where, resolve);
  });
}
