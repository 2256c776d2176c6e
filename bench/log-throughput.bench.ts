import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import wabt from 'wabt';
import { Machine } from '../src/krustlet/containers/machine.ts';
import type { ContainerSpec } from '../src/runtime/container-spec.ts';
import { plainContainerSpec } from '../src/runtime/plain-container-spec.ts';
import type { Bench, BenchMachine, BenchRow } from './bench-row.ts';

const lineLength = 100;
const total = 200_000_000;

/**
 * Writes lines of 100 bytes. krustlet's log has each with its time, stream and tag, rotated as it
 * grows; the peer writes the bare lines to a file.
 */
export const bench: Bench = {
  title: 'log throughput',
  async measure({ wasmtime, scratch }: BenchMachine): Promise<readonly BenchRow[]> {
    const { parseWat } = await wabt();
    const rows: BenchRow[] = [];
    for (const linesPerWrite of [1, 40, 600]) {
      const writes = Math.round(Math.min(total / (linesPerWrite * lineLength), 500_000));
      const megabytes = (writes * linesPerWrite * lineLength) / 1e6;
      const module = path.join(scratch, `lines-${linesPerWrite}.wasm`);
      writeFileSync(module, parseWat('lines', writer(linesPerWrite, writes)).toBinary({}).buffer);
      const ours = await secondsOfContainer(module, path.join(scratch, `data-${linesPerWrite}`));
      const theirs =
        wasmtime === undefined
          ? undefined
          : await secondsOfPeer([wasmtime, 'run', module], scratch);
      rows.push({
        what: `log of 100-byte lines, ${linesPerWrite} a write`,
        unit: 'MB/s',
        krustlet: megabytes / ours,
        peers: theirs === undefined ? {} : { 'wasmtime > file': megabytes / theirs },
      });
    }
    return rows;
  },
};

/** Fills memory with lines and writes them so many times. */
function writer(lines: number, writes: number): string {
  const bytes = lines * lineLength;
  const length = Buffer.from(Uint32Array.of(bytes).buffer).toString('hex').replace(/../g, '\\$&');
  return `(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 2)
    (data (i32.const 0) "\\10\\00\\00\\00${length}")
    (func (export "_start") (local $at i32) (local $left i32)
      (memory.fill (i32.const 16) (i32.const 120) (i32.const ${bytes}))
      (local.set $at (i32.const ${16 + lineLength - 1}))
      (loop $lines
        (i32.store8 (local.get $at) (i32.const 10))
        (local.set $at (i32.add (local.get $at) (i32.const ${lineLength})))
        (br_if $lines (i32.lt_u (local.get $at) (i32.const ${16 + bytes}))))
      (local.set $left (i32.const ${writes}))
      (loop $again
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br_if $again (local.get $left)))))`;
}

async function secondsOfContainer(module: string, dataDir: string): Promise<number> {
  using machine = new Machine({ dataDir });
  const logs = path.join(dataDir, 'logs');
  mkdirSync(logs, { recursive: true });
  const run = async (id: string) => {
    const container = await machine.start(specOf(id, module, path.join(logs, `${id}.log`)));
    const start = performance.now();
    const { exitCode, message } = await container.exited;
    const seconds = (performance.now() - start) / 1_000;
    await container.remove();
    if (exitCode !== 0) throw new Error(`Cannot measure: the guest failed: ${message}`);
    return seconds;
  };
  const seconds = await run('lines');
  const kept = readdirSync(logs).map((name) => statSync(path.join(logs, name)).size);
  if (kept.every((size) => size === 0)) throw new Error('Cannot measure: the log is empty');
  return seconds;
}

async function secondsOfPeer([program = '', ...args]: string[], scratch: string): Promise<number> {
  const output = openSync(path.join(scratch, 'peer.out'), 'w');
  const start = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', output, 'inherit'] });
  const [code] = await once(child, 'exit');
  closeSync(output);
  if (code !== 0) throw new Error(`Cannot measure '${program}': it exited with ${code}`);
  return (performance.now() - start) / 1_000;
}

function specOf(id: string, modulePath: string, file: string): ContainerSpec {
  const log = { path: file, maxBytes: 10 * 1024 * 1024, maxFiles: 5 };
  return plainContainerSpec({ id, trustDomain: 'bench', modulePath, log });
}
