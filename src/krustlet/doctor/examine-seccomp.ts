import { readFileSync } from 'node:fs';
import type { Finding } from './finding.ts';

const actionsFile = '/proc/sys/kernel/seccomp/actions_avail';

/** Whether system calls can be filtered. */
export function examineSeccomp(): Finding {
  const part = 'seccomp';
  try {
    const actions = readFileSync(actionsFile, 'utf8').trim();
    return { part, state: 'ok', found: actions };
  } catch {
    return {
      part,
      state: 'missing',
      found: `no ${actionsFile}`,
      cost: 'containers start only with --sandbox=best-effort and may make any system call',
    };
  }
}
