import type { Writable } from 'node:stream';
import type {
  AbortOptions,
  AttachContainer,
  ContainerConfig,
  ContainerExit,
  ContainerStreams,
  ContainerUsage,
  ExecContainer,
  ExecRequest,
  TerminalSize,
} from '../kubelet/provider.ts';
import type { RunningContainer } from '../runtime/running-container.ts';

/** A container of the runtime, as the kubelet knows containers. */
export class WasiContainer implements ExecContainer, AttachContainer {
  readonly config: ContainerConfig;
  readonly exited: Promise<ContainerExit>;
  readonly #running: RunningContainer;

  constructor(config: ContainerConfig, running: RunningContainer) {
    this.config = config;
    this.#running = running;
    this.exited = running.exited.catch((error: unknown) => lost(running, error));
  }

  get id(): string {
    return this.#running.id;
  }

  get startedAt(): Date {
    return this.#running.startedAt;
  }

  get exit(): ContainerExit | undefined {
    return this.#running.exit;
  }

  async stop(graceSeconds: number, { signal }: AbortOptions = {}): Promise<ContainerExit> {
    await this.#running.stop(graceSeconds, { signal });
    return await this.exited;
  }

  async remove(): Promise<void> {
    await this.#running.remove();
  }

  async usage(): Promise<ContainerUsage | undefined> {
    return this.#running.usage();
  }

  async exec(
    request: ExecRequest,
    streams: ContainerStreams,
    { signal }: AbortOptions = {},
  ): Promise<number> {
    const { exitCode } = await this.#running.exec(request, streams, { signal });
    return exitCode;
  }

  async openStdin(): Promise<Writable> {
    return this.#running.openStdin();
  }

  async resize(size: TerminalSize): Promise<void> {
    this.#running.resize(size);
  }
}

/** The runtime can no longer say how the container ended. */
function lost({ startedAt }: RunningContainer, error: unknown): ContainerExit {
  const message = error instanceof Error ? error.message : String(error);
  const reason = 'ContainerStatusUnknown';
  return { exitCode: 137, reason, message, startedAt, finishedAt: new Date() };
}
