import type { Finding } from './finding.ts';

/** Which of Landlock's restrictions the kernel offers. */
export async function examineLandlock(): Promise<Finding> {
  const { landlockSupport } = await import('../../runtime/sandbox/landlock-domain.ts');
  const { abi, missing } = landlockSupport();
  const part = 'Landlock';
  if (missing.length === 0) return { part, state: 'ok', found: `ABI ${abi}` };
  return {
    part,
    state: 'missing',
    found: abi === 0 ? 'none' : `ABI ${abi}, without ${missing.join(', ')}`,
    cost: 'containers start only with --sandbox=best-effort, with that much less between them and the host; ABI 6 comes with Linux 6.12',
  };
}
