import { ComponentInstance } from '../link/component-instance.ts';
import type { Program } from '../link/program.ts';
import type { World } from '../world.ts';
import { ResetPoint } from './reset-point.ts';

export interface InstancePoolInit {
  /**
   * Whether a call may find what an earlier one left behind. Only for an operator who asks for it:
   * many guests answer a second call with an error. @default false
   */
  readonly shareState?: boolean;
  /** How many idle instances are kept. @default 128 */
  readonly maximumIdle?: number;
}

interface Idle {
  readonly instance: ComponentInstance;
  readonly resetPoint: ResetPoint | undefined;
}

/**
 * Instances in their initial state: taken back to it after a call, or, where that is not possible,
 * made for one call and thrown away. The one that was used last is handed out first: its memory is
 * in the processor's caches.
 */
export class InstancePool {
  readonly #program: Program;
  readonly #world: World;
  readonly #shareState: boolean;
  readonly #maximumIdle: number;
  readonly #idle: Idle[] = [];
  #model: ResetPoint | undefined;

  constructor(components: { program: Program; world: World }, init: InstancePoolInit = {}) {
    this.#program = components.program;
    this.#world = components.world;
    this.#shareState = init.shareState ?? false;
    this.#maximumIdle = init.maximumIdle ?? 128;
  }

  /** An instance for one call; {@link Lease.release} it, whatever becomes of the call. */
  acquire(): Lease {
    const { instance, resetPoint } = this.#idle.pop() ?? this.#create();
    return new Lease(instance, (outcome) => this.#release(instance, resetPoint, outcome));
  }

  /** Lets go of all instances that nobody uses, but the one that would be used next. */
  trim(): void {
    this.#idle.splice(0, this.#idle.length - 1);
  }

  #create(): Idle {
    const instance = new ComponentInstance(this.#program, this.#world, 'suspend');
    // What a start function has taken handles of would be lost with them: such an instance is used once.
    if (this.#shareState || !this.#program.resettable || !instance.isIdle) {
      return { instance, resetPoint: undefined };
    }
    const resetPoint = new ResetPoint(instance, this.#model);
    this.#model ??= resetPoint;
    return { instance, resetPoint: resetPoint.isExact ? resetPoint : undefined };
  }

  #release(
    instance: ComponentInstance,
    resetPoint: ResetPoint | undefined,
    outcome: 'returned' | 'failed',
  ): void {
    const cancelled = instance.isCancelled;
    instance.endCall();
    if (outcome === 'failed' || cancelled || this.#idle.length >= this.#maximumIdle) return;
    const usable = this.#shareState || (resetPoint?.restore() ?? false);
    if (usable) this.#idle.push({ instance, resetPoint });
  }
}

/** An instance that is in use. */
export class Lease {
  readonly instance: ComponentInstance;
  #release: ((outcome: 'returned' | 'failed') => void) | undefined;

  constructor(instance: ComponentInstance, release: (outcome: 'returned' | 'failed') => void) {
    this.instance = instance;
    this.#release = release;
  }

  /** `failed` after a trap or an exit: the instance is then not used again. */
  release(outcome: 'returned' | 'failed'): void {
    const release = this.#release;
    this.#release = undefined;
    release?.(outcome);
  }
}
