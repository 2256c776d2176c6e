import type { PodContainer } from '../pods/schema/container.ts';
import type { Container, ExecContainer } from '../provider.ts';

/** What a handler acts on: one running container. */
export interface ProbeTarget {
  readonly spec: PodContainer;
  readonly container: Container;
  /** Where the container's ports are, unless the handler names another host. */
  readonly host: string;
}

/** What came of a probe or hook. */
export interface HandlerResult {
  readonly ok: boolean;
  /** What a person needs to see why it failed. */
  readonly output: string;
}

/** The number of a port that may be given by its name. */
export function portNumber({ ports }: PodContainer, port: number | string): number | undefined {
  if (typeof port === 'number') return port;
  return ports.find(({ name }) => name === port)?.containerPort;
}

/** Whether programs can be run in the container. */
export function canExec(container: Container): container is ExecContainer {
  return 'exec' in container && typeof container.exec === 'function';
}
