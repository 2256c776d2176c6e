import * as v from 'valibot';
import { type ProcessEnd, sendSignal } from '../../wasi/libc/process.ts';
import { type StartReport, startReportSchema } from '../container/start-report.ts';
import type { ContainerChild } from './container-child.ts';
import { readLine } from './read-line.ts';

const sigKill = 9;

/**
 * Waits for what a child says of its start. A child that ends without a word, says something else
 * or lets `signal` abort first is killed, and its start has failed.
 */
export async function awaitReport(
  child: ContainerChild,
  { signal }: { readonly signal: AbortSignal },
): Promise<StartReport> {
  child.report.on('error', () => {}); // whoever reads hears of it
  try {
    const line = await readLine(child.report, { signal });
    if (line !== undefined) return v.parse(startReportSchema, JSON.parse(line));
    return noReport(`its process ended first (${describe(await child.end)})`);
  } catch (error) {
    sendSignal(child.pid, sigKill);
    return noReport(error instanceof Error ? error.message : String(error));
  } finally {
    child.report.destroy();
  }
}

function noReport(reason: string): StartReport {
  return { kind: 'failed', code: 'NoReport', message: `Cannot start the container: ${reason}` };
}

function describe(end: ProcessEnd): string {
  return end.kind === 'exited' ? `exit code ${end.code}` : `signal ${end.signal}`;
}
