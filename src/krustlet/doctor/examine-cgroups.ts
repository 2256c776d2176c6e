import { findCgroups } from '../../runtime/limits/find-cgroups.ts';
import type { Finding } from './finding.ts';

const controllers = ['cpu', 'memory', 'pids'] as const;

/** Which limits the kernel can enforce for us. */
export function examineCgroups(): Finding {
  const part = 'cgroups';
  const hierarchy = findCgroups('/sys/fs/cgroup', 'krustlet');
  if (hierarchy === undefined) {
    return {
      part,
      state: 'limited',
      found: 'none that can be written',
      cost: 'CPU limits by stopping and continuing, memory limits for the guest but not its process',
    };
  }
  const lacking = controllers.filter((name) => !hierarchy.controllers.includes(name));
  const found = `version ${hierarchy.version}: ${hierarchy.controllers.join(', ') || 'no controllers'}`;
  if (lacking.length === 0) return { part, state: 'ok', found };
  return { part, state: 'limited', found, cost: `no kernel limit for ${lacking.join(', ')}` };
}
