import type { ContainerStatus } from '../pods/schema/pod-status.ts';
import { unobserved } from '../pods/status/container-statuses.ts';
import type { ContainerObservation } from '../pods/status/observation.ts';
import type { Container, ContainerExit } from '../provider.ts';

/** What is known about one container of a pod, kept up to date by whoever learns it. */
export class ContainerRecord {
  #observation: ContainerObservation = unobserved;
  #running: Container | undefined;
  #ended: Promise<ContainerExit> | undefined;
  #changed = Promise.withResolvers<void>();
  readonly #onChange: () => void;

  /** @param onChange hears of every change, right after it */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get observation(): ContainerObservation {
    return this.#observation;
  }

  /** The container while its process is there. */
  get running(): Container | undefined {
    return this.#running;
  }

  /** The exit of the newest start, once it is recorded. */
  get ended(): Promise<ContainerExit> | undefined {
    return this.#ended;
  }

  /** Whether the container was ever started. */
  get hasRun(): boolean {
    return this.#observation.containerID !== undefined;
  }

  /** The attempt that the next start is. */
  get nextAttempt(): number {
    return this.hasRun ? this.#observation.restartCount + 1 : 0;
  }

  /** Resolves at the next change. */
  changed(): Promise<void> {
    return this.#changed.promise;
  }

  /**
   * Takes over what was last reported of a container.
   *
   * @param isFound whether there is a container still; one that was running is lost otherwise
   */
  restore(status: ContainerStatus, { isFound }: { readonly isFound: boolean }): void {
    const { state, lastState, restartCount, containerID, imageID, ready, started } = status;
    const isLost = state.running !== undefined && !isFound;
    this.#set({
      state: isLost ? { terminated: lostContainer } : state,
      ready: ready && !isLost,
      started: started === true && !isLost,
      lastState,
      restartCount,
      imageID,
      ...(containerID === undefined ? {} : { containerID }),
    });
  }

  /** The container waits to be started, for this reason. */
  wait(reason: string, message?: string): void {
    const { state, lastState } = this.#observation;
    this.#set({
      state: { waiting: { reason, ...(message === undefined ? {} : { message }) } },
      lastState: state.terminated === undefined ? lastState : { terminated: state.terminated },
      started: false,
      ready: false,
    });
  }

  /** The container could not be started, and nobody tries again. */
  failStart(message: string, at: string): void {
    const terminated = { ...startError, message, startedAt: at, finishedAt: at };
    this.#set({ state: { terminated }, started: false, ready: false });
  }

  /**
   * The container's process is there.
   *
   * @param ended resolves to its exit, with the message it left
   * @param init whether it counts as started and ready before any probe has said so
   */
  run(
    container: Container,
    ended: Promise<ContainerExit>,
    init: { readonly started: boolean; readonly ready: boolean },
  ): Promise<ContainerExit> {
    const { state, lastState, containerID } = this.#observation;
    // What was reported of the same start stays as it was, to the millisecond.
    const reported = containerID === containerIdOf(container) ? state.running : undefined;
    this.#running = container;
    this.#set({
      state: { running: reported ?? { startedAt: container.startedAt.toISOString() } },
      lastState: state.terminated === undefined ? lastState : { terminated: state.terminated },
      restartCount: container.config.attempt,
      containerID: containerIdOf(container),
      imageID: imageIdOf(container),
      ...init,
    });
    this.#ended = ended.then((exit) => {
      this.#end(container, exit);
      return exit;
    });
    return this.#ended;
  }

  /** A start of the container ended while nobody looked. */
  adoptEnded(container: Container, exit: ContainerExit): void {
    const { state, lastState } = this.#observation;
    const { terminated } = state;
    // What was reported may be the end of this very start.
    const isOther = terminated !== undefined && terminated.containerID !== containerIdOf(container);
    this.#set({
      lastState: isOther ? { terminated } : lastState,
      restartCount: container.config.attempt,
      containerID: containerIdOf(container),
      imageID: imageIdOf(container),
    });
    this.#end(container, exit);
  }

  /** The container passed its startup, or did not yet. */
  setStarted(started: boolean): void {
    if (started !== this.#observation.started) this.#set({ started });
  }

  /** The container is ready to serve, or is not. */
  setReady(ready: boolean): void {
    if (ready !== this.#observation.ready) this.#set({ ready });
  }

  #end(container: Container, exit: ContainerExit): void {
    this.#running = undefined;
    this.#set({
      state: {
        terminated: {
          exitCode: exit.exitCode,
          ...(exit.signal === undefined ? {} : { signal: exit.signal }),
          reason: exit.reason,
          ...(exit.message === undefined ? {} : { message: exit.message }),
          startedAt: exit.startedAt.toISOString(),
          finishedAt: exit.finishedAt.toISOString(),
          containerID: containerIdOf(container),
        },
      },
      started: false,
      ready: false,
    });
  }

  #set(fields: Partial<ContainerObservation>): void {
    this.#observation = { ...this.#observation, ...fields };
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers();
    resolve();
    this.#onChange();
  }
}

/** What stock kubelets say of a container whose runtime made it, but could not start it. */
export const startError = { exitCode: 128, reason: 'StartError' } as const;

/** What stock kubelets say of a container that ran and cannot be found. */
const lostContainer = {
  exitCode: 137,
  reason: 'ContainerStatusUnknown',
  message: 'The container could not be located when the pod was terminated',
};

function containerIdOf({ id }: Container): string {
  return `krustlet://${id}`;
}

/** The image's repository by digest, as `imageID` names it. */
function imageIdOf({ config: { image } }: Container): string {
  const repository = image.reference.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
  return `${repository}@${image.digest}`;
}
