/**
 * Parts of undici by themselves: its main file brings fetch, caches, WebSockets and mocks along, 5 MB
 * in a daemon that uses none of them. The package is pinned, so that they stay where they are.
 */
declare module 'undici/lib/dispatcher/pool.js' {
  import { Pool } from 'undici';
  // biome-ignore lint/style/noDefaultExport: CommonJS
  export default Pool;
}

declare module 'undici/lib/dispatcher/agent.js' {
  import { Agent } from 'undici';
  // biome-ignore lint/style/noDefaultExport: CommonJS
  export default Agent;
}

declare module 'undici/lib/api/api-request.js' {
  import type { Dispatcher } from 'undici';
  /** What the main file makes the method `request` of every dispatcher. */
  // biome-ignore lint/style/noDefaultExport: CommonJS
  export default function request(
    this: Dispatcher,
    options: Dispatcher.RequestOptions,
  ): Promise<Dispatcher.ResponseData>;
}
