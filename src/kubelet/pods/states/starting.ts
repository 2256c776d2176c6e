import type { State, StateOptions } from '../../../krator/states/state.ts';
import type { PodContext } from '../pod-context.ts';
import { Running } from './running.ts';

/** The pod's containers are started, all at once; one that cannot start yet keeps nobody waiting. */
export class Starting implements State<PodContext> {
  readonly name = 'Starting';

  async next(context: PodContext, { signal }: StateOptions): Promise<Running> {
    const inner = context.working(signal);
    const lives = context.manifest.current.spec.containers.flatMap(
      ({ name }) => context.containers.get(name) ?? [],
    );
    return new Running(lives.map((life) => context.run(life, inner)));
  }
}
