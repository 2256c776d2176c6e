import { decodeComponent } from './binary/component-decoder.ts';
import { readCoreInterface } from './binary/core-interface.ts';
import { layerOf } from './binary/preamble.ts';
import { interfaceName } from './link/interface-name.ts';
import { planLink } from './link/planner.ts';
import { UnsupportedComponent } from './link/unsupported-component.ts';

/** What a WebAssembly file is and how it would be run, without running it. */
export type WasmDescription = ModuleDescription | ComponentDescription;

export interface ModuleDescription {
  readonly kind: 'core-module';
  /** The modules that imports name: `wasi_snapshot_preview1`. */
  readonly imports: readonly string[];
  readonly exports: readonly string[];
}

export interface ComponentDescription {
  readonly kind: 'component';
  /** Interfaces with their versions. */
  readonly imports: readonly string[];
  readonly exports: readonly string[];
  readonly workload: Workload;
  /** Whether the loader takes it; else the reason. */
  readonly linking:
    | { readonly kind: 'direct' }
    | { readonly kind: 'unsupported'; readonly reason: string };
}

/** What running a component means. */
export type Workload =
  /** Exports `wasi:cli/run`: runs once, to an exit code. */
  | 'command'
  /** Exports `wasi:http/incoming-handler`: serves until it is stopped. */
  | 'http-server'
  /** Exports WASI 0.3's `wasi:http/handler`. */
  | 'http-service'
  | 'library';

/**
 * @returns undefined for bytes that are no WebAssembly
 * @throws {MalformedBinary} for WebAssembly that is broken
 */
export function describeWasm(bytes: Uint8Array): WasmDescription | undefined {
  const layer = layerOf(bytes);
  if (layer === undefined) return undefined;
  return layer === 'component' ? describeComponent(bytes) : describeModule(bytes);
}

function describeModule(bytes: Uint8Array): ModuleDescription {
  const { imports, exports } = readCoreInterface(bytes);
  return {
    kind: 'core-module',
    imports: [...new Set(imports.map(({ module }) => module))].sort(),
    exports: exports.map(({ name }) => name),
  };
}

function describeComponent(bytes: Uint8Array): ComponentDescription {
  const component = decodeComponent(bytes);
  const exports = component.exports.map(({ name }) => name);
  return {
    kind: 'component',
    imports: component.imports.map(({ name }) => name),
    exports,
    workload: workloadOf(exports.map(interfaceName)),
    linking: linkingOf(() => planLink(component)),
  };
}

function workloadOf(exports: readonly string[]): Workload {
  if (exports.includes('wasi:http/incoming-handler')) return 'http-server';
  if (exports.some((name) => name.startsWith('wasi:http/handler@0.3'))) return 'http-service';
  return exports.some((name) => /^wasi:cli\/run(@|$)/.test(name)) ? 'command' : 'library';
}

function linkingOf(plan: () => unknown): ComponentDescription['linking'] {
  try {
    plan();
    return { kind: 'direct' };
  } catch (cause) {
    if (!(cause instanceof UnsupportedComponent)) throw cause;
    return { kind: 'unsupported', reason: cause.message };
  }
}
