import type { HostInterface } from '../abi/host-function.ts';
import { store } from './store.ts';

/** What `wasi:config/store` was called in its first draft. */
export const runtime: HostInterface = {
  name: 'wasi:config/runtime@0.2.0-draft',
  functions: store.functions,
};
