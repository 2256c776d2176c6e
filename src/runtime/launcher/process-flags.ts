/**
 * V8 and Node options of zygotes and container processes.
 *
 * One thread: only then can a process be forked, and do Landlock and capabilities, which belong to
 * threads, hold for all of it. Lazy validation: a module has been validated when it was pulled.
 */
export const containerProcessFlags: readonly string[] = [
  '--single-threaded',
  '--v8-pool-size=0',
  '--disable-sigusr1',
  '--wasm-lazy-validation',
  '--disable-warning=ExperimentalWarning',
];

/** All that their environment holds: no io_uring in libuv, no configuration of OpenSSL's. */
export const containerEnvironment: NodeJS.ProcessEnv = {
  UV_USE_IO_URING: '0',
  OPENSSL_CONF: '/dev/null',
};
