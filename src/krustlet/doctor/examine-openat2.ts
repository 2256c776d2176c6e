import { closeSync, constants, openSync } from 'node:fs';
import type { Finding } from './finding.ts';

/** Whether the kernel resolves guest paths beneath their mounts. */
export async function examineOpenat2(): Promise<Finding> {
  const [{ BeneathResolver }, { PathNames }, { Scratch }] = await Promise.all([
    import('../../wasi/libc/beneath-resolver.ts'),
    import('../../wasi/libc/path-names.ts'),
    import('../../wasi/libc/scratch.ts'),
  ]);
  const scratch = new Scratch();
  const resolver = new BeneathResolver(scratch, new PathNames(scratch));
  const root = openSync('/', constants.O_RDONLY | constants.O_DIRECTORY);
  const opened = resolver.open(root, '.', constants.O_RDONLY);
  closeSync(root);
  if (opened < 0) {
    return {
      part: 'openat2',
      state: 'missing',
      found: `refused with error ${-opened}`,
      cost: 'modules with mounts do not run; needs Linux 5.6 and a container runtime that lets it through',
    };
  }
  closeSync(opened);
  return { part: 'openat2', state: 'ok', found: 'RESOLVE_BENEATH works' };
}
