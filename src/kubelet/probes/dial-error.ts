import { messageOf } from '../../kubernetes/message-of.ts';

/** What system errors are called in the messages of programs in Go. */
const systemErrors: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  ECONNRESET: 'read: connection reset by peer',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
};

/**
 * Says why there is no connection in the words of stock kubelets, which people and alerts look for in
 * Events: `dial tcp 10.0.0.7:80: connect: connection refused`.
 */
export function dialError(error: unknown, host: string, port: number): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const words = systemErrors[code];
  if (words === undefined) return messageOf(error);
  const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return `${words.startsWith('connect') ? 'dial tcp' : 'tcp'} ${authority}: ${words}`;
}
