import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** What wrk measured over some seconds; times in microseconds. */
export interface Load {
  /** How many requests were answered. */
  readonly count: number;
  /** Answers a second. */
  readonly requests: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

/** Written by wrk at its end: requests, microseconds, then percentiles of microseconds. */
const script = `
function done(summary, latency)
  io.write(string.format("\\nmeasured %d %d %d %d %d\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
end
`;

/** Sends requests with https://github.com/wg/wrk, over so many connections. @throws where any fails */
export async function wrk(
  url: string,
  init: { readonly connections: number; readonly seconds: number; readonly scratch: string },
): Promise<Load> {
  const file = path.join(init.scratch, 'percentiles.lua');
  writeFileSync(file, script);
  const args = ['-t1', `-c${init.connections}`, `-d${init.seconds}s`, '-s', file, url];
  const child = spawn('wrk', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const output = Buffer.concat(await child.stdout.toArray()).toString();
  const found = /measured (\d+) (\d+) (\d+) (\d+) (\d+)/.exec(output);
  if (found === null || /Non-2xx|Socket errors/.test(output)) {
    throw new Error(`Cannot measure '${url}': ${output}`);
  }
  const [count = 0, duration = 0, p50 = 0, p99 = 0, p999 = 0] = found.slice(1).map(Number);
  return { count, requests: (count * 1e6) / duration, p50, p99, p999 };
}
