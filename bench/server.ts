import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchRow, median } from './bench-row.ts';
import { cellsOf, columns } from './cells-of.ts';
import { describeMachine } from './describe-machine.ts';
import { printRow } from './print-row.ts';
import { runCommand } from './server/command-client.ts';
import { readDirectly, readForwarded, startSource } from './server/forwarded-port.ts';
import { ServerProcess } from './server/server-process.ts';

// `npm run bench:server`: the kubelet's API over one real container. The peer is a TLS server that
// does as little as can be; both run in processes of their own. Prints each row when it is known.

const logBytes = 1024 ** 3;
const streamBytes = 128 * 1024 ** 2;
const roundTrips = 100;
const followers = 100;
const log = '/containerLogs/default/pod/app';

const scratch = mkdtempSync(path.join(os.tmpdir(), 'krustlet-bench-'));
try {
  console.log(`${describeMachine()}\n`);
  printRow(columns);
  for await (const row of measure(writeLog(path.join(scratch, '0.log')))) printRow(cellsOf(row));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function* measure(logPath: string): AsyncGenerator<BenchRow> {
  await using kubelet = await ServerProcess.start('kubelet-main', [scratch, logPath]);
  await using plain = await ServerProcess.start('plain-main', [logPath]);
  // First of all: later the servers have memory that they do not give back.
  yield await followerRow(kubelet, plain);
  yield* await commandRows(kubelet.port, plain.port);
  yield await forwardRow(kubelet.port);
  yield* await logRows(kubelet.port, plain.port);
  yield await scrapeRow(kubelet.port, plain.port);
}

async function commandRows(port: number, plainPort: number): Promise<BenchRow[]> {
  const [ours, floor] = [await timesOf(port), await timesOf(plainPort)];
  const at = (times: readonly number[], share: number) =>
    times[Math.floor(times.length * share)] ?? Number.NaN;
  const row = (share: number): BenchRow => ({
    what: `exec, p${share * 100}`,
    unit: 'ms',
    krustlet: at(ours, share),
    peers: { 'WebSocket alone': at(floor, share) },
  });
  const rate = async (of: number) => {
    const { receivedBytes, milliseconds } = await runCommand(of, 'cat', streamBytes);
    return receivedBytes / 1e3 / milliseconds;
  };
  return [
    row(0.5),
    row(0.99),
    {
      what: 'exec cat, both ways',
      unit: 'MB/s',
      krustlet: await rate(port),
      peers: { 'WebSocket alone': await rate(plainPort) },
    },
  ];
}

async function timesOf(port: number): Promise<readonly number[]> {
  const times: number[] = [];
  for (let count = 0; count < roundTrips; count++) {
    times.push((await runCommand(port, 'pwd', 0)).milliseconds);
  }
  return times.sort((a, b) => a - b);
}

async function forwardRow(port: number): Promise<BenchRow> {
  await using source = await startSource(streamBytes);
  const { port: podPort } = source.address() as AddressInfo;
  const rate = async (read: () => Promise<number>) => {
    const begun = performance.now();
    return (await read()) / 1e3 / (performance.now() - begun);
  };
  return {
    what: 'port-forward',
    unit: 'MB/s',
    krustlet: await rate(() => readForwarded(port, podPort)),
    peers: { direct: await rate(() => readDirectly(podPort)) },
  };
}

async function logRows(port: number, plainPort: number): Promise<BenchRow[]> {
  const ours = await download(port, log);
  const floor = await download(plainPort, '/file');
  const tails: number[] = [];
  for (let count = 0; count < 20; count++) {
    tails.push((await download(port, `${log}?tailLines=10`)).firstByte);
  }
  return [
    {
      what: 'logs of 1 GB',
      unit: 'MB/s',
      krustlet: logBytes / 1e3 / ours.milliseconds,
      peers: { 'the file as it is': logBytes / 1e3 / floor.milliseconds },
    },
    {
      what: 'first byte of 1 GB',
      unit: 'ms',
      krustlet: ours.firstByte,
      peers: { 'the file as it is': floor.firstByte },
    },
    {
      what: 'the last 10 lines of 1 GB',
      unit: 'ms',
      krustlet: median(tails),
      peers: { 'the file as it is': floor.firstByte },
    },
  ];
}

async function followerRow(kubelet: ServerProcess, plain: ServerProcess): Promise<BenchRow> {
  return {
    what: `memory of ${followers} followers`,
    unit: 'MB',
    krustlet: await memoryOf(kubelet, `${log}?follow=true&tailLines=0`),
    peers: { 'idle connections': await memoryOf(plain, '/idle') },
  };
}

/** What so many open answers take in the server, beyond the first few. */
async function memoryOf(server: ServerProcess, target: string): Promise<number> {
  const first = await openAnswers(server.port, target, followers / 10);
  await sleep(500);
  const before = server.residentBytes;
  const others = await openAnswers(server.port, target, followers);
  await sleep(500);
  const taken = (server.residentBytes - before) / 1e6;
  for (const response of [...first, ...others]) response.destroy();
  return taken;
}

async function openAnswers(
  port: number,
  target: string,
  count: number,
): Promise<readonly IncomingMessage[]> {
  const opening = Array.from({ length: count }, () => once(ask(port, target), 'response'));
  return (await Promise.all(opening)).flat();
}

async function scrapeRow(port: number, plainPort: number): Promise<BenchRow> {
  const { bytes } = await download(port, '/metrics/resource');
  const time = async (of: number, target: string) => {
    const times: number[] = [];
    for (let count = 0; count < 20; count++) times.push((await download(of, target)).milliseconds);
    return median(times);
  };
  return {
    what: 'scrape of 110 pods',
    unit: 'ms',
    krustlet: await time(port, '/metrics/resource'),
    peers: { 'as many bytes': await time(plainPort, `/${bytes}`) },
  };
}

async function download(port: number, target: string) {
  const begun = performance.now();
  const [response]: IncomingMessage[] = await once(ask(port, target), 'response');
  let bytes = 0;
  let firstByte = Number.NaN;
  response?.on('data', (chunk: Buffer) => {
    if (bytes === 0) firstByte = performance.now() - begun;
    bytes += chunk.length;
  });
  if (response) await once(response, 'end');
  return { bytes, firstByte, milliseconds: performance.now() - begun };
}

function ask(port: number, target: string) {
  const headers = { authorization: 'Bearer bench' };
  const options = { host: '127.0.0.1', port, path: target, agent: false, headers };
  const request = https.request({ ...options, rejectUnauthorized: false });
  request.on('error', () => request.destroy());
  request.end();
  return request;
}

/** A log of 1 GB in lines of 100 bytes; gives its path. */
function writeLog(file: string): string {
  const line = `2026-11-23T01:02:03.123456789Z stdout F ${'x'.repeat(59)}\n`;
  const block = Buffer.from(line.repeat(10_000));
  const descriptor = openSync(file, 'w');
  for (let written = 0; written < logBytes; written += block.length) writeSync(descriptor, block);
  closeSync(descriptor);
  return file;
}
