import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { sendingModule } from '../../../tests/runtime/sending-module.ts';
import { logOf, TestRuntime } from '../../../tests/runtime/test-runtime.ts';
import { freePort } from '../../../tests/support/free-port.ts';
import type { HttpSpec, NetworkSpec, StartForm } from '../container-spec.ts';

const fixtures = path.resolve(import.meta.dirname, '../../../tests/fixtures/components');
const [pod, peer] = ['127.0.0.2', '127.0.0.3'];

/** What both fixtures know to try: see their sources. */
const smuggling = [
  'field-name',
  'field-value',
  'field-line-feed',
  'host',
  'transfer-encoding',
  'length',
  'method',
  'method-space',
  'path',
  'path-space',
  'authority',
  'user',
  'authority-path',
] as const;

for (const start of ['fork', 'exec'] satisfies StartForm[]) {
  describe(`guests that send what they should not, ${start}`, () => {
    const test = new TestRuntime();
    let server: Server;
    let port: number;
    /** All that was sent to the server. */
    let received = '';

    before(async () => {
      chmodSync(test.dataDir, 0o755);
      server = createServer((socket) => {
        socket.on('error', () => {}); // cut by the guest's host: that is what is tested
        socket.on('data', (bytes: Buffer) => {
          received += bytes.toString('latin1');
          socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
        });
      }).listen(0, '0.0.0.0');
      await once(server, 'listening');
      ({ port } = server.address() as AddressInfo); // listens on TCP
    });
    after(async () => {
      server.close();
      await test[Symbol.asyncDispose]();
    });

    const specs = (over: Partial<NetworkSpec>, egress: HttpSpec['egress'], listening = 0) => ({
      start,
      network: {
        addresses: [pod],
        guarded: [],
        dns: { servers: [], searches: [] },
        hosts: [],
        ...over,
      },
      http: { listen: { address: pod, port: listening }, serving: {}, egress },
    });

    /** What a handler of WASI 0.2 answers that was asked for a path. */
    async function handler(words: readonly string[], over: Partial<NetworkSpec>, egress: Egress) {
      const listening = await freePort(pod);
      const program = path.join(fixtures, 'http-network.wasm');
      const spec = test.spec(program, specs(over, egress, listening));
      const container = await test.runtime.start(spec);
      const response = await fetch(`http://${pod}:${listening}/${words.join('/')}`);
      const text = await response.text();
      await container.stop(0);
      return text;
    }

    /** What a command of WASI 0.3 prints with these arguments. */
    async function command(words: readonly string[], over: Partial<NetworkSpec>, egress: Egress) {
      const spec = test.spec(path.join(fixtures, 'async-network.wasm'), {
        ...specs(over, egress),
        args: ['guest', ...words],
      });
      const container = await test.runtime.start(spec);
      await container.exited;
      return logOf(container).trim();
    }

    /** The error of a module that imports wasi_experimental_http; 100 where it has a response. */
    async function module(
      [, , authority = '']: readonly string[],
      over: Partial<NetworkSpec>,
      egress: Egress,
    ) {
      const source = sendingModule({ url: `http://${authority}/` });
      const container = await test.start(source, specs(over, egress));
      return String((await container.exited).exitCode);
    }

    for (const [what, send, refusal] of [
      ['a handler of WASI 0.2', handler, /HttpRequestDenied|DestinationIpProhibited|not made/i],
      ['a command of WASI 0.3', command, /HttpRequestDenied|DestinationIpProhibited|not made/i],
      ['a module with wasi_experimental_http', module, /^7$/],
    ] as const) {
      const ask = (authority: string, over: Partial<NetworkSpec>, egress: Egress) =>
        send(['smuggle', 'nothing', authority], over, egress);

      it(`sends for ${what} where the pod allows it`, async () => {
        received = '';
        const answer = await ask(`${peer}:${port}`, {}, [{ cidrs: [peer], ports: [port] }]);
        assert.match(answer, /^(200|100)$/);
        assert.match(received, /^(POST|GET) \/ HTTP\/1\.1/);
      });

      it(`keeps ${what} from where a NetworkPolicy does not let it`, async () => {
        received = '';
        const peers = path.join(test.dataDir, 'peers');
        mkdirSync(peers, { recursive: true, mode: 0o755 });
        writeFileSync(path.join(peers, 'rules'), 'isolates egress\negress TCP:9 127.0.0.4\n');
        const answer = await ask(`${peer}:${port}`, { peers }, [{ cidrs: [peer] }]);
        assert.match(answer, refusal);
        assert.equal(received, '');
      });

      // What follows is decided by the same code in either form; each takes many containers.
      if (start === 'exec') continue;

      it(`leads ${what} neither to the node's doors nor to the metadata of clouds`, async () => {
        received = '';
        const guarded = [{ cidrs: [`${peer}/32`, `${pod}/32`], ports: [port] }];
        const everywhere = [{ hosts: ['*'], cidrs: ['0.0.0.0/0', '::/0'] }];
        const names = { metadata: '169.254.169.254', kubelet: peer, local: '127.0.0.1' };
        const hosts = Object.entries(names).map(([name, address]) => ({ address, names: [name] }));
        for (const authority of [
          '169.254.169.254',
          `[::ffff:169.254.169.254]`,
          '[fe80::1]',
          '[fd00:ec2::254]',
          `${peer}:${port}`,
          `${pod}:${port}`,
          `127.0.0.1:${port}`,
          `2130706433:${port}`,
          `0x7f.1:${port}`,
          `0.0.0.0:${port}`,
          ...Object.keys(names).map((name) => `${name}:${port}`),
        ]) {
          const answer = await ask(authority, { guarded, hosts }, everywhere);
          assert.match(answer, refusal, authority);
        }
        assert.equal(received, '');
      });
    }

    if (start === 'exec') return;

    for (const [what, send] of [
      ['a handler of WASI 0.2', handler],
      ['a command of WASI 0.3', command],
    ] as const) {
      it(`makes one request of what ${what} sends, or none`, async () => {
        for (const kind of smuggling) {
          received = '';
          const egress = [{ cidrs: [peer], ports: [port] }];
          const answer = await send(['smuggle', kind, `${peer}:${port}`], {}, egress);
          assert.notEqual(answer, '200', kind);
          assert.doesNotMatch(received, /smuggled/, `${kind}: ${answer}`);
        }
      });
    }

    it('makes one request of what a module with wasi_experimental_http sends, or none', async () => {
      const body = 'GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n';
      const egress = [{ cidrs: [peer], ports: [port] }];
      const send = async (headers: string) => {
        received = '';
        const url = `http://${peer}:${port}/`;
        const source = sendingModule({ url, method: 'POST', headers, body });
        const container = await test.start(source, specs({}, egress));
        return (await container.exited).exitCode;
      };
      assert.equal(await send(`Host: ${peer}:${port}`), 100);
      for (const headers of [
        'host: smuggled.example',
        'Host:smuggled.example',
        'transfer-encoding: chunked',
        'content-length: 0',
        'content-length: 0\ncontent-length: 40',
        'connection: upgrade\nupgrade: smuggled',
        'x: y\rx-smuggled: yes',
        'x: y\0\nx-smuggled : yes',
      ]) {
        assert.notEqual(await send(headers), 100, headers);
        assert.equal(received, '', headers);
      }
    });
  });
}

type Egress = HttpSpec['egress'];
