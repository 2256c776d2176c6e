import { isFieldName, isFieldValue } from '../component/http/field-rules.ts';

/** What a program answered. */
export interface CgiResponse {
  readonly status: number;
  /** Names and values by turns, without a length: that is the body's. */
  readonly headers: readonly string[];
  readonly body: Uint8Array;
}

/** An answer that is none. */
export class CgiResponseError extends Error {
  override readonly name = 'CgiResponseError';
  readonly code = 'CgiResponse';
}

/** Fields that are the server's to say. */
const withheld = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'status',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Reads a program's output: fields, an empty line, and the body. `Status` says the status, `Location`
 * alone means 302, everything else 200.
 *
 * @see https://www.rfc-editor.org/rfc/rfc3875#section-6
 * @throws {CgiResponseError}
 */
export function cgiResponse(output: Buffer): CgiResponse {
  const { lines, bodyAt } = headOf(output);
  const fields = lines.map(fieldOf);
  const valueFor = (name: string) =>
    fields.find((field) => field.name.toLowerCase() === name)?.value;
  const location = valueFor('location');
  if (fields.length === 0) throw new CgiResponseError('Cannot read the response: it has no fields');
  return {
    status: statusOf(valueFor('status'), location === undefined ? 200 : 302),
    headers: fields
      .filter(({ name }) => !withheld.has(name.toLowerCase()))
      .flatMap(({ name, value }) => [name, value]),
    body: output.subarray(bodyAt),
  };
}

/** The lines before the first empty one, whichever way they end. */
function headOf(output: Buffer): { readonly lines: readonly string[]; readonly bodyAt: number } {
  const lines: string[] = [];
  for (let at = 0; ; ) {
    const end = output.indexOf('\n', at);
    if (end < 0)
      throw new CgiResponseError('Cannot read the response: no empty line ends its head');
    const line = output.toString('latin1', at, end).replace(/\r$/, '');
    at = end + 1;
    if (line === '') return { lines, bodyAt: at };
    lines.push(line);
  }
}

function fieldOf(line: string): { readonly name: string; readonly value: string } {
  const at = line.indexOf(':');
  const name = line.slice(0, Math.max(at, 0));
  const value = line.slice(at + 1).trim();
  if (isFieldName(name) && isFieldValue(value)) return { name, value };
  throw new CgiResponseError(`Cannot read the response: ${JSON.stringify(line)} is no field`);
}

function statusOf(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const status = Number(/^(\d{3})(?: |$)/.exec(text)?.[1]);
  if (status >= 200 && status <= 599) return status;
  throw new CgiResponseError(`Cannot read the response: ${JSON.stringify(text)} is no status`);
}
