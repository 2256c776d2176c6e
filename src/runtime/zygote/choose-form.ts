import path from 'node:path';
import { type ForkVerdict, readForkVerdict, writeForkVerdict } from './fork-verdict.ts';
import { type SelfTestComponents, selfTest } from './self-test.ts';
import type { ZygoteConfig } from './zygote-config.ts';

/** Decides how containers are started: as configured, else by the self-test, else by its last run. */
export async function chooseForm(
  components: SelfTestComponents,
  { containerStart, socket, version }: ZygoteConfig,
): Promise<ForkVerdict> {
  if (containerStart === 'exec') return { form: 'exec', reason: 'asked for' };
  if (containerStart === 'fork') return { form: 'fork' };
  const directory = path.dirname(socket);
  const known = readForkVerdict(directory, version);
  if (known !== undefined) return known;
  const reason = await selfTest(components);
  const verdict: ForkVerdict = reason === undefined ? { form: 'fork' } : { form: 'exec', reason };
  writeForkVerdict(directory, version, verdict);
  return verdict;
}
