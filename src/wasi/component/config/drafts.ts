import type { HostInterface } from '../abi/host-function.ts';
import { store } from './store.ts';

/** What `wasi:config/store` was called in its drafts, with the same functions. */
export const drafts: readonly HostInterface[] = [
  { name: 'wasi:config/runtime@0.2.0-draft', functions: store.functions },
  { name: 'wasi:config/store@0.2.0-draft', functions: store.functions },
];
