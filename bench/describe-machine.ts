import os from 'node:os';

/** What measurements depend on: processor, kernel and Node. */
export function describeMachine(): string {
  const cpu = os.cpus()[0]?.model ?? 'unknown processor';
  return `${os.availableParallelism()} × ${cpu}, Linux ${os.release()}, Node ${process.versions.node}`;
}
