import * as v from 'valibot';

const positive = v.pipe(v.number(), v.integer(), v.minValue(1));

/** What a zygote reads from its standard input when it starts. */
export const zygoteConfigSchema = v.strictObject({
  /** Path of the Unix socket, in a directory that only its owner can enter. */
  socket: v.string(),
  /** Version of the software, for which a verdict of the self-test holds. */
  version: v.string(),
  /** How containers are started that may be forked; `auto` asks the self-test. */
  containerStart: v.exactOptional(v.picklist(['auto', 'fork', 'exec']), 'auto'),
  /** What `ps` shows. */
  title: v.string(),
  /** Milliseconds in which a container must report its start. */
  startTimeout: v.exactOptional(positive, 10_000),
  /** Milliseconds without a container or a caller after which the zygote ends. */
  idleTimeout: v.exactOptional(positive, 60_000),
  /** How many forks it makes before another zygote takes its place. */
  maxForks: v.exactOptional(positive, 10_000),
  /** Bytes of resident memory at which another zygote takes its place. */
  maxResidentBytes: v.exactOptional(positive, 256 * 1024 * 1024),
});
export type ZygoteConfig = v.InferOutput<typeof zygoteConfigSchema>;
export type ZygoteConfigInput = v.InferInput<typeof zygoteConfigSchema>;
