/**
 * In megabytes. A collection of young objects takes as long as what is still in use of them, and the
 * host keeps next to nothing: with more, memory is touched that no processor's cache holds.
 */
const smallYoungGeneration = '--max-semi-space-size=1';

/**
 * V8 and Node options of zygotes and launchers.
 *
 * One thread of V8's: a forked child has no other. Functions are compiled before they are first
 * called, and stay compiled: what a container compiled, it would not share. Nor does it share what
 * V8 notes of each call in order to optimize, so it begins with that later, after a thousand calls
 * rather than eight: starting a container is hundreds of functions, each called a few times. Lazy
 * validation: a module has been validated when it was pulled.
 */
export const containerProcessFlags: readonly string[] = [
  smallYoungGeneration,
  '--single-threaded',
  '--no-lazy',
  '--no-flush-bytecode',
  '--invocation-count-for-feedback-allocation=1000',
  '--invocation-count-for-maglev=4000',
  '--invocation-count-for-turbofan=10000',
  '--v8-pool-size=0',
  '--disable-sigusr1',
  '--expose-gc',
  '--wasm-lazy-validation',
  '--disable-warning=ExperimentalWarning',
];

/** Of a program that is executed in a confined thread: its threads need not be avoided. */
export const executedProcessFlags: readonly string[] = [
  smallYoungGeneration,
  '--disable-sigusr1',
  '--wasm-lazy-validation',
  '--disable-warning=ExperimentalWarning',
];

/** All that their environment holds: no io_uring in libuv, no configuration of OpenSSL's. */
export const containerEnvironment: NodeJS.ProcessEnv = {
  UV_USE_IO_URING: '0',
  OPENSSL_CONF: '/dev/null',
};
