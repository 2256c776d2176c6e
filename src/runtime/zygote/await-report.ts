import * as v from 'valibot';
import { type ProcessEnd, sendSignal } from '../../wasi/libc/process.ts';
import { type StartReport, startReportSchema } from '../container/start-report.ts';
import type { ContainerChild } from './container-child.ts';
import { readLine } from './read-line.ts';

const sigKill = 9;

/**
 * Waits for what a child says of its start. A child that says something else, or lets `signal`
 * abort first, is killed, unless it has ended: its pid may be another process's by then. What it had
 * said before it was killed counts all the same: its guest may have run.
 */
export async function awaitReport(
  child: ContainerChild,
  { signal }: { readonly signal: AbortSignal },
): Promise<StartReport> {
  child.report.on('error', () => {}); // whoever reads hears of it
  let hasEnded = false;
  void child.end.then(() => {
    hasEnded = true;
  });
  const kill = () => {
    if (!hasEnded) sendSignal(child.pid, sigKill);
  };
  signal.addEventListener('abort', kill);
  if (signal.aborted) kill();
  try {
    const line = await readLine(child.report); // ends with the child
    if (line !== undefined) return v.parse(startReportSchema, JSON.parse(line));
    if (signal.aborted) return noReport(messageOf(signal.reason));
    return noReport(`its process ended first (${describe(await child.end)})`);
  } catch (error) {
    kill();
    return noReport(messageOf(error));
  } finally {
    signal.removeEventListener('abort', kill);
    child.report.destroy();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function noReport(reason: string): StartReport {
  return { kind: 'failed', code: 'NoReport', message: `Cannot start the container: ${reason}` };
}

function describe(end: ProcessEnd): string {
  if (end.kind === 'exited') return `exit code ${end.code}`;
  // Nobody else kills what has not started.
  const hint = end.signal === sigKill ? ', as where its memory limit is too low to start with' : '';
  return `signal ${end.signal}${hint}`;
}
