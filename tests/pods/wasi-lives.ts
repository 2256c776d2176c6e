import { findCgroups } from '../../src/runtime/limits/find-cgroups.ts';
import { ResourceLimits } from '../../src/runtime/limits/resource-limits.ts';
import { Runtime } from '../../src/runtime/runtime.ts';
import { WasiProvider } from '../../src/wasi-provider/wasi-provider.ts';
import { TestContainers } from '../runtime/test-containers.ts';

/** WASI providers over one directory, one after the other, as a daemon's lives are. */
export class WasiLives implements AsyncDisposable {
  readonly containers = new TestContainers('fork');
  #runtime: Runtime | undefined;

  /** Begins another life; the one before is over. */
  begin(): WasiProvider {
    this.#runtime?.[Symbol.dispose]();
    const limits = new ResourceLimits(findCgroups('/sys/fs/cgroup', 'krustlet-test'));
    const { starter, directory } = this.containers;
    this.#runtime = new Runtime({ starter, limits }, { dataDir: directory });
    return new WasiProvider(
      { runtime: this.#runtime },
      { version: '0.0.0', sandbox: 'best-effort' },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#runtime?.[Symbol.dispose]();
    const zygote = await this.containers.starter.status('default');
    if (zygote !== undefined) process.kill(zygote.pid, 'SIGKILL');
    await this.containers[Symbol.asyncDispose]();
  }
}
