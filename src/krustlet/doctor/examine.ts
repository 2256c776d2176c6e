import type { Host } from '../cli/host.ts';
import type { CommonOptions, Invocation } from '../cli/invocation.ts';
import type { OutputFormat } from '../output/output-format.ts';
import { formatListing } from '../output/output-format.ts';
import { examineCgroups } from './examine-cgroups.ts';
import { examineContainerStart } from './examine-container-start.ts';
import { examineFfi } from './examine-ffi.ts';
import { examineLandlock } from './examine-landlock.ts';
import { examineNode } from './examine-node.ts';
import { examineOpenat2 } from './examine-openat2.ts';
import { examinePodAddresses } from './examine-pod-addresses.ts';
import { examineSeccomp } from './examine-seccomp.ts';
import { examineWasmtime } from './examine-wasmtime.ts';
import type { Finding } from './finding.ts';

export interface DoctorOptions extends CommonOptions {
  readonly output: OutputFormat;
}

/** Looks at the machine and prints what was found; fails where a part is missing. */
export async function examine(invocation: Invocation, options: DoctorOptions): Promise<number> {
  const findings = await examineAll(invocation.host);
  invocation.print(
    formatListing(options.output, {
      headings: ['PART', 'STATE', 'FOUND'],
      rows: findings.map(({ part, state, found }) => [part, state, found]),
      json: findings,
    }),
  );
  if (options.output === 'table') printCosts(invocation, findings);
  return findings.some(({ state }) => state === 'missing') ? 1 : 0;
}

async function examineAll(host: Host): Promise<readonly Finding[]> {
  const ffi = await examineFfi();
  const always = [examineNode(), ffi];
  if (ffi.state === 'missing') return [...always, await examineWasmtime(host)];
  return [
    ...always,
    await examineOpenat2(),
    await examineLandlock(),
    examineSeccomp(),
    examineCgroups(),
    await examinePodAddresses(),
    await examineContainerStart(),
    await examineWasmtime(host),
  ];
}

function printCosts(invocation: Invocation, findings: readonly Finding[]): void {
  for (const { part, cost } of findings) {
    if (cost !== undefined) invocation.print(`\n${part}: ${cost}\n`);
  }
}
