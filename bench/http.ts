/**
 * Requests per second of the HTTP server for components, against `wasmtime serve` with the same
 * component in the same run.
 *
 *   node bench/http.ts [--wasmtime PATH] [--component FILE] [--path /] [--seconds 3] [--rounds 3]
 *
 * Needs wrk, and wasmtime for the comparison. Rounds alternate, the best of each is printed: on a
 * shared machine the others measure the neighbours.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { HttpServer } from '../src/wasi/component/http/server.ts';
import { SuspendingWaiter } from '../src/wasi/component/io/suspending-waiter.ts';
import { loadProgram } from '../src/wasi/component/load-program.ts';
import { InstancePool } from '../src/wasi/component/pool/instance-pool.ts';
import { prepareComponent } from '../src/wasi/component/prepared-component.ts';
import { NativeSystem } from '../src/wasi/libc/native-system.ts';

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
    serve: { type: 'string' },
  },
});

interface Peer {
  readonly name: string;
  readonly port: number;
  readonly command: readonly [string, ...string[]];
}

interface Measured {
  readonly requests: number;
  readonly p50: string;
  readonly p99: string;
}

const ours: Peer = {
  name: 'krustlet',
  port: 18480,
  command: [process.execPath, fileURLToPath(import.meta.url), '--serve', '18480'],
};

const theirs: Peer = {
  name: 'wasmtime serve',
  port: 18481,
  command: [options.wasmtime, 'serve', '-S', 'cli=y', '--addr', `${host}:18481`],
};

if (options.serve === undefined) await compare();
else await serve(Number(options.serve));

async function serve(port: number): Promise<void> {
  const program = loadProgram(prepareComponent(readFileSync(options.component)));
  const system = new NativeSystem();
  const silent = { write: () => 0 };
  const world = {
    system,
    arguments: [],
    environment: [],
    workingDirectory: undefined,
    stdin: undefined,
    stdout: silent,
    stderr: silent,
    preopens: [],
    configuration: new Map<string, string>(),
    waiter: new SuspendingWaiter(system),
    http: undefined,
  };
  const server = new HttpServer({ pool: new InstancePool({ program, world }) });
  await server.listen({ host, port });
}

async function compare(): Promise<void> {
  const peers = [ours, theirs].filter(isThere);
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

function isThere(peer: Peer): boolean {
  try {
    execFileSync(peer.command[0], ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    console.log(`${peer.name} is not there: no comparison`);
    return false;
  }
}

/** @returns the server's resident memory in MiB after the measurement */
async function withServer(peer: Peer, measure: () => Promise<void>): Promise<number> {
  const [command, ...args] = peer.command;
  const mine = peer === ours ? ['--component', options.component] : [options.component];
  const server = spawn(command, [...args, ...mine], { stdio: 'ignore' });
  try {
    await answering(peer.port);
    await measure();
    return residentMemory(server);
  } finally {
    server.kill('SIGKILL');
    await once(server, 'exit');
  }
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

function residentMemory(server: ChildProcess): number {
  const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
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
