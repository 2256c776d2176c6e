/** What a server goes by that is told nothing else. */
export const serverDefaults = {
  maximumConcurrency: 128,
  maximumWaiting: 1024,
  requestTimeout: 30_000,
  headersTimeout: 10_000,
  maximumHeaderSize: 32 * 1024,
  maximumBodySize: 64 * 1024 * 1024,
};
