/**
 * Requests per second of a component in its container, sandbox and all, against `wasmtime serve` with the same
 * component in the same run.
 *
 *   npm run bench:http -- [--wasmtime PATH] [--component FILE] [--path /] [--seconds 3] [--rounds 3]
 *
 * Needs wrk, and wasmtime for the comparison. Rounds alternate, the best of each is printed: on a
 * shared machine the others measure the neighbours.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { prepareComponent } from '../src/wasi/component/prepared-component.ts';
import { encodePrepared } from '../src/wasi/component/prepared-file.ts';
import { TestRuntime } from '../tests/runtime/test-runtime.ts';

const host = '127.0.0.1';
const connections = [1, 16, 128];
const fixture = path.resolve(import.meta.dirname, '../tests/fixtures/components/http-hello.wasm');

const { values: options } = parseArgs({
  options: {
    wasmtime: { type: 'string', default: 'wasmtime' },
    component: { type: 'string', default: fixture },
    path: { type: 'string', default: '/' },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
  },
});

interface Peer {
  readonly name: string;
  readonly port: number;
  isThere(): boolean;
  /** Serves the component until it is disposed of. */
  serve(): Promise<Serving>;
}

interface Serving extends AsyncDisposable {
  readonly pid: number;
}

interface Measured {
  readonly requests: number;
  readonly p50: string;
  readonly p99: string;
}

/** A container in its sandbox, as pods have it, prepared as when it is pulled. */
const ours: Peer = {
  name: 'krustlet',
  port: 18480,
  isThere: () => true,
  async serve() {
    const test = new TestRuntime();
    const preparedPath = path.join(test.dataDir, 'prepared');
    writeFileSync(preparedPath, encodePrepared(prepareComponent(readFileSync(options.component))));
    const listen = { address: host, port: ours.port };
    const http = { listen, serving: {}, egress: [] };
    const spec = test.spec(path.resolve(options.component), { preparedPath, http });
    const { pid } = await test.runtime.start(spec);
    if (pid === undefined) throw new Error('The container has ended');
    return { pid, [Symbol.asyncDispose]: () => test[Symbol.asyncDispose]() };
  },
};

const theirs: Peer = {
  name: 'wasmtime serve',
  port: 18481,
  isThere() {
    try {
      execFileSync(options.wasmtime, ['--version'], { stdio: 'ignore' });
      return true;
    } catch {
      console.log('wasmtime is not there: no comparison');
      return false;
    }
  },
  async serve() {
    const args = ['serve', '-S', 'cli=y', '--addr', `${host}:${theirs.port}`, options.component];
    const server = spawn(options.wasmtime, args, { stdio: 'ignore' });
    await once(server, 'spawn');
    return {
      pid: Number(server.pid),
      async [Symbol.asyncDispose]() {
        server.kill('SIGKILL');
        await once(server, 'exit');
      },
    };
  },
};

await compare();

async function compare(): Promise<void> {
  const peers = [ours, theirs].filter((peer) => peer.isThere());
  const best = new Map<string, Measured>();
  const memory = new Map<string, number>();
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const peer of peers) {
      const resident = await withServer(peer, () => measureAll(peer, best));
      memory.set(peer.name, resident);
    }
  }
  print(peers, best, memory);
}

/** @returns the server's resident memory in MiB after the measurement */
async function withServer(peer: Peer, measure: () => Promise<void>): Promise<number> {
  await using serving = await peer.serve();
  await answering(peer.port);
  await measure();
  return residentMemory(serving.pid);
}

async function answering(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      const response = await fetch(`http://${host}:${port}${options.path}`);
      await response.arrayBuffer();
      return;
    } catch {
      await delay(100);
    }
  }
  throw new Error(`Nothing answers on port ${port}`);
}

async function measureAll(peer: Peer, best: Map<string, Measured>): Promise<void> {
  await wrk(peer, 16, 2);
  for (const count of connections) {
    const key = `${peer.name} ${count}`;
    const measured = await wrk(peer, count, Number(options.seconds));
    const known = best.get(key);
    if (known === undefined || known.requests < measured.requests) best.set(key, measured);
  }
}

async function wrk(peer: Peer, count: number, seconds: number): Promise<Measured> {
  const url = `http://${host}:${peer.port}${options.path}`;
  const args = ['-t1', `-c${count}`, `-d${seconds}s`, '--latency', url];
  const child = spawn('wrk', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const output = Buffer.concat(await child.stdout.toArray()).toString();
  if (/Non-2xx|Socket errors/.test(output)) throw new Error(`${peer.name} failed:\n${output}`);
  return {
    requests: Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1]),
    p50: /50%\s+(\S+)/.exec(output)?.[1] ?? '',
    p99: /99%\s+(\S+)/.exec(output)?.[1] ?? '',
  };
}

function residentMemory(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
}

function print(
  peers: readonly Peer[],
  best: ReadonlyMap<string, Measured>,
  memory: ReadonlyMap<string, number>,
): void {
  for (const count of connections) {
    const base = best.get(`${theirs.name} ${count}`)?.requests;
    for (const { name } of peers) {
      const measured = best.get(`${name} ${count}`);
      if (measured === undefined) continue;
      const ratio = base === undefined ? '' : ` ${(measured.requests / base).toFixed(2)}x`;
      const rate = Math.round(measured.requests).toString().padStart(7);
      console.log(
        `${String(count).padStart(4)} connections  ${name.padEnd(15)} ${rate} req/s${ratio}` +
          `  p50 ${measured.p50} p99 ${measured.p99}`,
      );
    }
  }
  for (const [name, resident] of memory) console.log(`${name.padEnd(15)} ${resident} MiB resident`);
}
