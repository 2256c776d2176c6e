import type { Host } from './host.ts';
import { Invocation } from './invocation.ts';
import { createProgram } from './program.ts';
import { reportError } from './report-error.ts';

/** Does what was typed and returns the exit code; never rejects. */
export async function runCli(host: Host): Promise<number> {
  const invocation = new Invocation(host);
  try {
    await createProgram(invocation).parseAsync(host.args, { from: 'user' });
    return invocation.exitCode;
  } catch (error) {
    return reportError(host, error);
  }
}
