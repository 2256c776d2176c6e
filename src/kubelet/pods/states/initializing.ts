import type { State, StateOptions } from '../../../krator/states/state.ts';
import { abortable } from '../../abortable.ts';
import type { ContainerLife } from '../../containers/container-life.ts';
import type { PodContext } from '../pod-context.ts';
import { Failed } from './failed.ts';
import { Starting } from './starting.ts';

/** Init containers run one after the other; sidecars among them are started and go on. */
export class Initializing implements State<PodContext> {
  readonly name = 'Initializing';

  async next(context: PodContext, { signal }: StateOptions): Promise<Starting | Failed> {
    const inner = context.working(signal);
    for (const { name, restartPolicy } of context.manifest.current.spec.initContainers) {
      const life = context.containers.get(name);
      if (life === undefined) continue;
      const isSidecar = restartPolicy === 'Always';
      const isDone = isSidecar
        ? await startSidecar(context, life, inner)
        : await runToEnd(context, life, inner);
      if (!isDone) return new Failed();
    }
    return new Starting();
  }
}

/** A pod whose containers ever ran has been initialized, whatever became of the init containers. */
async function runToEnd(
  context: PodContext,
  life: ContainerLife,
  signal: AbortSignal,
): Promise<boolean> {
  const { containers } = context.manifest.current.spec;
  if (containers.some(({ name }) => context.containers.get(name)?.record.hasRun)) return true;
  if (succeeded(life)) return true;
  await life.run(signal);
  signal.throwIfAborted();
  return succeeded(life);
}

function succeeded({ record }: ContainerLife): boolean {
  return record.observation.state.terminated?.exitCode === 0;
}

/** The next container may start when the sidecar has started; that it is ready does not matter. */
async function startSidecar(
  context: PodContext,
  life: ContainerLife,
  signal: AbortSignal,
): Promise<boolean> {
  context.run(life, signal);
  while (!life.record.observation.started) await abortable(life.record.changed(), signal);
  return true;
}
