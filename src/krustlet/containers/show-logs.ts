import type { LogQuery } from '../../kubelet/logs/log-query.ts';
import { readLog } from '../../kubelet/logs/read-log.ts';
import type { ContainerSpec } from '../../runtime/container-spec.ts';
import type { CommonOptions, Invocation } from '../cli/invocation.ts';
import { UserError } from '../cli/user-error.ts';
import { parseSince } from '../options/parse-duration.ts';
import { Machine } from './machine.ts';
import { printLog } from './print-log.ts';

export interface LogsOptions extends CommonOptions {
  readonly follow?: boolean;
  readonly previous?: boolean;
  readonly tail?: string;
  readonly since?: string;
  readonly timestamps?: boolean;
}

/** Prints a container's log, each stream to its own. */
export async function showLogs(
  invocation: Invocation,
  name: string,
  options: LogsOptions,
): Promise<void> {
  using machine = new Machine({ dataDir: invocation.dataDir(options) });
  const newest = machine.find(name);
  const container = options.previous === true ? machine.findPrevious(newest) : newest;
  refuseForeground(name, container.spec);
  const ended = new AbortController();
  if (options.follow === true && container.state.kind === 'running') {
    void machine.open(container).exited.then(
      () => ended.abort(),
      () => {},
    );
  } else {
    ended.abort();
  }
  const query = queryOf(options, invocation.host.now());
  await printLog(invocation.host, readLog(container.spec.log, query, { ended: ended.signal }));
}

/** What runs in the foreground has its stdio from whoever ran it, as a program run by exec has. */
function refuseForeground(name: string, { exec }: ContainerSpec): void {
  if (exec === undefined) return;
  const why = 'it ran in the foreground, its output went there: run it with --detach to have a log';
  throw new UserError(`showing the log of '${name}' failed: ${why}`);
}

function queryOf(options: LogsOptions, now: Date): LogQuery {
  return {
    follow: options.follow === true,
    timestamps: options.timestamps === true,
    ...(options.tail !== undefined && { tailLines: parseTail(options.tail) }),
    ...(options.since !== undefined && { sinceTime: parseSince(options.since, now) }),
  };
}

function parseTail(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new UserError(`reading --tail '${text}' failed: give a number of lines`);
}
