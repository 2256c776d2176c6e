import type { LogQuery } from '../../logs/log-query.ts';
import { HttpError } from '../http/http-error.ts';

export interface LogOptions extends LogQuery {
  readonly previous: boolean;
}

/**
 * Reads the query of a log request, with the checks of the API server.
 *
 * @param now milliseconds since the epoch, which `sinceSeconds` counts from
 * @throws {HttpError} Invalid, naming the parameter
 * @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#read-log-read-log-of-the-specified-pod
 */
export function parseLogOptions(query: URLSearchParams, now: number): LogOptions {
  const tailLines = integer(query, 'tailLines', 0);
  const limitBytes = integer(query, 'limitBytes', 1);
  const sinceTime = parseSince(query, now);
  return {
    follow: boolean(query, 'follow'),
    previous: boolean(query, 'previous'),
    timestamps: boolean(query, 'timestamps'),
    stream: parseStream(query),
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...(sinceTime === undefined ? {} : { sinceTime }),
  };
}

function parseSince(query: URLSearchParams, now: number): Date | undefined {
  const seconds = integer(query, 'sinceSeconds', 1);
  const text = query.get('sinceTime');
  if (text === null) return seconds === undefined ? undefined : new Date(now - seconds * 1000);
  if (seconds !== undefined) throw invalid('sinceTime', text, 'not together with sinceSeconds');
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw invalid('sinceTime', text, 'a time as in RFC 3339');
  return time;
}

function parseStream(query: URLSearchParams): 'All' | 'Stdout' | 'Stderr' {
  const value = query.get('stream') ?? 'All';
  if (value === 'All' || value === 'Stdout' || value === 'Stderr') return value;
  throw invalid('stream', value, 'All, Stdout or Stderr');
}

function boolean(query: URLSearchParams, name: string): boolean {
  const value = query.get(name) ?? 'false';
  if (['true', '1'].includes(value)) return true;
  if (['false', '0', ''].includes(value)) return false;
  throw invalid(name, value, 'true or false');
}

function integer(query: URLSearchParams, name: string, least: number): number | undefined {
  const value = query.get(name);
  if (value === null) return undefined;
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (Number.isSafeInteger(number) && number >= least) return number;
  throw invalid(name, value, `a whole number of at least ${least}`);
}

function invalid(name: string, value: string, allowed: string): HttpError {
  return new HttpError('Invalid', `read query: ${name} '${value}': use ${allowed}`);
}
