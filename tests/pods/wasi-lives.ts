import { findCgroups } from '../../src/runtime/limits/find-cgroups.ts';
import { ResourceLimits } from '../../src/runtime/limits/resource-limits.ts';
import { Runtime } from '../../src/runtime/runtime.ts';
import type { Keeper } from '../../src/wasi-provider/container-labels.ts';
import { WasiProvider } from '../../src/wasi-provider/wasi-provider.ts';
import { TestContainers } from '../runtime/test-containers.ts';

/** WASI providers over one directory, one after the other, as a daemon's lives are. */
export class WasiLives implements AsyncDisposable {
  readonly containers = new TestContainers('fork');
  #runtime: Runtime | undefined;

  /** Begins another life; the one before is over. */
  begin(keeper: Keeper = 'node'): WasiProvider {
    this.#runtime?.[Symbol.dispose]();
    this.#runtime = this.#open();
    return providerOf(this.#runtime, keeper);
  }

  /** A provider of another process, over the same directory at the same time. */
  beside(keeper: Keeper): WasiProvider {
    return providerOf(this.#open(), keeper);
  }

  #open(): Runtime {
    const limits = new ResourceLimits(findCgroups('/sys/fs/cgroup', 'krustlet-test'));
    const { starter, directory } = this.containers;
    return new Runtime({ starter, limits }, { dataDir: directory });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#runtime?.[Symbol.dispose]();
    const zygote = await this.containers.starter.status('default');
    if (zygote !== undefined) process.kill(zygote.pid, 'SIGKILL');
    await this.containers[Symbol.asyncDispose]();
  }
}

function providerOf(runtime: Runtime, keeper: Keeper): WasiProvider {
  return new WasiProvider({ runtime }, { version: '0.0.0', sandbox: 'best-effort', keeper });
}
