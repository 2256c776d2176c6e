import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { plainContainerSpec } from '../../runtime/plain-container-spec.ts';
import { type ForkVerdict, readForkVerdict } from '../../runtime/zygote/fork-verdict.ts';
import { krustletVersion } from '../cli/krustlet-version.ts';
import { Machine } from '../containers/machine.ts';
import type { Finding } from './finding.ts';

/** A module whose `_start` does nothing. */
const nothing = Buffer.from(
  '0061736d01000000010401600000030201000503010001071302066d656d6f72790200065f737461727400000a040102000b',
  'hex',
);

/** Starts a container with the whole sandbox, and says how and how fast that went. */
export async function examineContainerStart(): Promise<Finding> {
  const part = 'container start';
  const folder = mkdtempSync(path.join(os.tmpdir(), 'krustlet-doctor-'));
  try {
    using machine = new Machine({ dataDir: folder });
    await startOnce(machine, folder, 'first');
    const begin = performance.now();
    const exit = await startOnce(machine, folder, 'second');
    const took = `${(performance.now() - begin).toFixed(1)} ms from start to end`;
    const { reason, message = `exit code ${exit.exitCode}` } = exit;
    if (exit.exitCode !== 0)
      return { part, state: 'missing', found: `${reason}: ${message}`, cost };
    return startFinding(took, readForkVerdict(machine.zygotes, krustletVersion()));
  } catch (error) {
    return { part, state: 'missing', found: String(error), cost };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the self-test before the first start found decides between the two forms. */
function startFinding(took: string, verdict: ForkVerdict | undefined): Finding {
  const part = 'container start';
  if (verdict?.form !== 'exec')
    return { part, state: 'ok', found: `forked from a zygote, ${took}` };
  return {
    part,
    state: 'limited',
    found: `a fresh process, ${took}: ${verdict.reason ?? 'forking does not do here'}`,
    cost: 'containers start in tens of milliseconds instead of a few, and take 8 MB more each',
  };
}

const cost = 'no container runs here; try --sandbox=best-effort, or --container-start=exec';

async function startOnce(machine: Machine, folder: string, id: string) {
  const modulePath = path.join(folder, 'nothing.wasm');
  writeFileSync(modulePath, nothing);
  const log = { path: path.join(folder, `${id}.log`), maxBytes: 1_000_000, maxFiles: 1 };
  const spec = plainContainerSpec({ id, trustDomain: 'doctor', modulePath, log });
  const container = await machine.start(spec);
  const exit = await container.exited;
  await container.remove();
  return exit;
}
