import type { Invocation } from '../cli/invocation.ts';
import type { RunOptions } from '../commands/run.ts';
export async function superviseInBackground(
  _i: Invocation,
  _f: string,
  _o: RunOptions,
): Promise<number> {
  return 0;
}
