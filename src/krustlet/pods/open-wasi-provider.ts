import type { Keeper } from '../../wasi-provider/container-labels.ts';
import { WasiProvider } from '../../wasi-provider/wasi-provider.ts';
import type { Host } from '../cli/host.ts';
import { krustletVersion } from '../cli/krustlet-version.ts';
import { findWasmtime } from '../containers/find-wasmtime.ts';
import type { Machine } from '../containers/machine.ts';

export interface WasiProviderInit {
  readonly env: Host['env'];
  /** Who looks after the containers. @default 'command' */
  readonly keeper?: Keeper;
  /** Path of wasmtime's program. @default looked for */
  readonly wasmtime?: string | undefined;
}

/** What runs this machine's pods where there is no cluster, with all engines that are here. */
export async function openWasiProvider(
  { runtime }: Machine,
  { env, keeper = 'command', wasmtime: given }: WasiProviderInit,
): Promise<WasiProvider> {
  const wasmtime = await findWasmtime({ env, given });
  return new WasiProvider(
    { runtime },
    {
      version: krustletVersion(),
      keeper,
      ...(wasmtime.kind === 'found' && { wasmtime: wasmtime.path }),
    },
  );
}
