import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than the API server keeps audit events before it writes them, in milliseconds. */
const auditDelay = 1_500;

/** Requests of one user to the API server, as its audit log has them. */
export class RequestLog {
  readonly #file: string;
  readonly #policy: string;

  /** @param directory an empty folder */
  constructor(directory: string, user: string) {
    this.#file = path.join(directory, 'audit.log');
    this.#policy = path.join(directory, 'audit-policy.json');
    writeFileSync(this.#policy, JSON.stringify(policyFor(user)));
  }

  /** Has the API server write the log. */
  get apiServerFlags(): readonly string[] {
    return [
      `--audit-policy-file=${this.#policy}`,
      `--audit-log-path=${this.#file}`,
      '--audit-log-mode=batch',
      '--audit-log-batch-max-wait=500ms',
    ];
  }

  /** Waits until all requests so far are in the log; gives how many there are of each kind. */
  async count(): Promise<ReadonlyMap<string, number>> {
    await sleep(auditDelay);
    const counts = new Map<string, number>();
    for (const line of readFileSync(this.#file, 'utf8').split('\n')) {
      if (line === '') continue;
      const event: AuditEvent = JSON.parse(line);
      if (isWatch(event) !== (event.stage === 'ResponseStarted')) continue;
      const kind = kindOf(event);
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    return counts;
  }
}

/** What was asked between two counts. */
export function between(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const differences = [...after].map(
    ([kind, count]) => [kind, count - (before.get(kind) ?? 0)] as const,
  );
  return new Map(differences.filter(([, count]) => count > 0));
}

function policyFor(user: string): object {
  return {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [{ level: 'Metadata', users: [user] }, { level: 'None' }],
  };
}

interface AuditEvent {
  readonly verb: string;
  readonly stage: string;
  readonly objectRef?: { readonly resource: string; readonly subresource?: string };
}

/** A watch counts when it begins, every other request when it was answered. */
function isWatch({ verb }: AuditEvent): boolean {
  return verb === 'watch';
}

function kindOf({ verb, objectRef }: AuditEvent): string {
  const { resource = 'other', subresource } = objectRef ?? {};
  return `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`;
}
