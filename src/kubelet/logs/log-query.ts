import type { LogEntry, LogStream } from './log-entry.ts';

/**
 * What of a log is wanted, with the names of `PodLogOptions`. `sinceSeconds` is not here: whoever
 * has the clock turns it into a time.
 */
export interface LogQuery {
  /** Goes on with what is written later. @default false */
  readonly follow?: boolean;
  /** Only the last lines as they are now, a line in several entries counting once. @default all */
  readonly tailLines?: number;
  /** Only entries written at this time or later. */
  readonly sinceTime?: Date;
  /** Puts each line's time in front of it, as the log has it. @default false */
  readonly timestamps?: boolean;
  /** Ends after this many bytes of output, be it within a line. */
  readonly limitBytes?: number;
  /** @default 'All' */
  readonly stream?: 'All' | 'Stdout' | 'Stderr';
}

/** Whether the query asks for the entry's stream. */
export function wantsStream(query: LogQuery, entry: LogEntry): boolean {
  return query.stream === undefined || streamNames[query.stream].includes(entry.stream);
}

const streamNames: Readonly<Record<NonNullable<LogQuery['stream']>, readonly LogStream[]>> = {
  All: ['stdout', 'stderr'],
  Stdout: ['stdout'],
  Stderr: ['stderr'],
};
