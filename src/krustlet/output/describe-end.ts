interface ContainerEnd {
  readonly reason?: string;
  readonly message?: string;
}

/**
 * What is to be said of how a container ended beside its exit code, if anything.
 *
 * @param memoryOption what gives a container more memory
 */
export function describeEnd(
  { reason = 'Error', message }: ContainerEnd,
  memoryOption: string,
): string | undefined {
  if (reason === 'Completed' || reason === 'Error') return undefined;
  if (message !== undefined && message !== '') return `${reason}: ${message}`;
  if (reason !== 'OOMKilled') return reason;
  return `OOMKilled: it needs more memory than it may have, see ${memoryOption}`;
}
