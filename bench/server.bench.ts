import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, BenchRow } from './bench-row.ts';
import { median } from './bench-row.ts';
import { runCommand } from './server/command-client.ts';
import { readDirectly, readForwarded, startSource } from './server/forwarded-port.ts';
import { PlainServer } from './server/plain-server.ts';
import { ServedContainer } from './server/served-container.ts';

const logBytes = 1024 ** 3;
const streamBytes = 128 * 1024 ** 2;
const roundTrips = 100;
const followers = 100;
const measuredPods = 110;
const log = '/containerLogs/default/pod/app';

/** The kubelet's API; its clients run in the same process, as those of the peers do. */
export const bench: Bench = {
  title: "the kubelet's API",
  async measure({ scratch }) {
    const logPath = writeLog(path.join(scratch, '0.log'));
    await using served = await ServedContainer.start({ directory: scratch, logPath, measuredPods });
    let scrapeBytes = 0;
    await using plain = await PlainServer.start(logPath, () => scrapeBytes);
    scrapeBytes = (await download(served.port, '/metrics/resource')).bytes;
    return [
      ...(await commandRows(served.port, plain.port)),
      await forwardRow(served.port),
      ...(await logRows(served.port, plain.port)),
      await followerRow(served.port, plain.port),
      await scrapeRow(served.port, plain.port),
    ];
  },
};

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

async function followerRow(port: number, plainPort: number): Promise<BenchRow> {
  return {
    what: `memory of ${followers} followers`,
    unit: 'MB',
    krustlet: await memoryOf(port, `${log}?follow=true&tailLines=0`),
    peers: { 'idle connections': await memoryOf(plainPort, '/idle') },
  };
}

/** What so many open answers take, clients included. */
async function memoryOf(port: number, target: string): Promise<number> {
  const before = process.memoryUsage.rss();
  const opened = await Promise.all(
    Array.from({ length: followers }, async () => {
      const [response]: IncomingMessage[] = await once(ask(port, target), 'response');
      return response;
    }),
  );
  await sleep(500);
  const taken = (process.memoryUsage.rss() - before) / 1e6;
  for (const response of opened) response?.destroy();
  return taken;
}

async function scrapeRow(port: number, plainPort: number): Promise<BenchRow> {
  const time = async (of: number, target: string) => {
    const times: number[] = [];
    for (let count = 0; count < 20; count++) times.push((await download(of, target)).milliseconds);
    return median(times);
  };
  return {
    what: `scrape of ${measuredPods} pods`,
    unit: 'ms',
    krustlet: await time(port, '/metrics/resource'),
    peers: { 'as many bytes': await time(plainPort, '/text') },
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
