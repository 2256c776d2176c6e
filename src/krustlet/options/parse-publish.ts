import { isIP } from 'node:net';
import { UserError } from '../cli/user-error.ts';

export interface Publish {
  readonly address: string;
  readonly port: number;
}

/** Reads one `--publish`: `PORT` on 127.0.0.1, or `ADDRESS:PORT`, IPv6 in brackets. */
export function parsePublish(text: string): Publish {
  const match = /^(?:(?:\[([^\]]+)\]|([^:[\]]+)):)?(\d+)$/.exec(text);
  const address = match?.[1] ?? match?.[2] ?? '127.0.0.1';
  const port = Number(match?.[3]);
  if (!(port >= 1 && port <= 65_535) || isIP(address) === 0) {
    throw new UserError(
      `reading --publish '${text}' failed: give a port or ADDRESS:PORT, such as 8080 or 127.0.0.1:8080; the module accepts on that very socket, so there is no second port`,
    );
  }
  return { address, port };
}
