import { destination, type Logger, pino } from 'pino';
import type { NodeLog } from '../../kubelet/node/node-log.ts';

/** The node's log: one JSON object a line, on stderr. */
export class NodeLogger implements NodeLog {
  readonly #pino: Logger;

  /** @param level as pino has them, such as `debug`; `info` where undefined */
  constructor(level: string | undefined) {
    this.#pino = pino(
      { level: level ?? 'info', base: null, timestamp: pino.stdTimeFunctions.isoTime },
      destination({ dest: 2, sync: true }),
    );
  }

  info(message: string): void {
    this.#pino.info(message);
  }

  warn(message: string): void {
    this.#pino.warn(message);
  }

  /** For what should not happen, with all that is known of it. */
  error(message: string, error: unknown): void {
    this.#pino.error({ err: error }, message);
  }
}
