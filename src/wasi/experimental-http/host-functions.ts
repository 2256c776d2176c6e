import { isFieldName, isFieldValue } from '../component/http/field-rules.ts';
import type { GuestMemory } from '../guest-memory.ts';
import { type ModuleRequests, type ModuleResponse, RequestRefused } from './module-requests.ts';

/** The name of the module that a guest imports from. */
export const experimentalHttpModule = 'wasi_experimental_http';

/** What every function answers. */
const httpError = {
  success: 0,
  invalidHandle: 1,
  memoryAccessError: 3,
  bufferTooSmall: 4,
  headerNotFound: 5,
  utf8Error: 6,
  destinationNotAllowed: 7,
  invalidMethod: 8,
  invalidEncoding: 9,
  invalidUrl: 10,
  requestError: 11,
  tooManySessions: 13,
} as const;

/** Why a call ends early, as {@link httpError} has it. */
class CallError extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`wasi_experimental_http error ${status}`);
    this.status = status;
  }
}

interface OpenResponse {
  readonly response: ModuleResponse;
  /** How much of the body was read. */
  position: number;
}

/**
 * The functions of wasi-experimental-http 0.6, which modules for Krustlet 1 import. `req` suspends
 * the guest, so that its entry must be called by promise, unless there is nothing to send with: then
 * no destination is allowed.
 *
 * https://github.com/deislabs/wasi-experimental-http/blob/main/witx/wasi_experimental_http.witx
 */
export function experimentalHttpFunctions(
  { memory }: { readonly memory: GuestMemory },
  http: ModuleRequests | undefined,
) {
  const responses = new Map<number, OpenResponse>();
  let nextHandle = 0;

  const responseOf = (handle: number): OpenResponse => {
    const found = responses.get(handle >>> 0);
    if (found === undefined) throw new CallError(httpError.invalidHandle);
    return found;
  };

  /** Writes what a buffer has room for, all or nothing, and how much that was. */
  const answer = (text: string, buffer: number, size: number, written: number): void => {
    const bytes = Buffer.from(text);
    if (bytes.length > size >>> 0) throw new CallError(httpError.bufferTooSmall);
    write(memory, buffer, bytes);
    write(memory, written, word(bytes.length));
  };

  async function request(...[url, urlSize, method, methodSize, ...rest]: RequestParameters) {
    const [headers, headersSize, body, bodySize, status, handle] = rest;
    if (http === undefined) throw new CallError(httpError.destinationNotAllowed);
    if (responses.size >= http.maximumSessions) throw new CallError(httpError.tooManySessions);
    const target = urlOf(textAt(memory, url, urlSize));
    const response = await http.send({
      url: target,
      method: methodOf(textAt(memory, method, methodSize)),
      headers: fieldsFor(target, fieldsOf(textAt(memory, headers, headersSize))),
      body: Buffer.from(bytesAt(memory, body, bodySize)),
    });
    while (responses.has(nextHandle)) nextHandle = (nextHandle + 1) >>> 0;
    write(memory, status, word(response.status).subarray(0, 2));
    write(memory, handle, word(nextHandle));
    responses.set(nextHandle, { response, position: 0 });
  }

  return {
    /** Sends a request. Writes the response's status, a u16, and its handle, a u32. */
    req: http ? suspending(late(request)) : () => httpError.destinationNotAllowed,

    close(handle: number): number {
      responses.delete(handle >>> 0);
      return httpError.success;
    },

    /** Writes the first value of a field, and its length, a u32. */
    header_get: early((handle, name, nameSize, buffer, size, written) => {
      const wanted = textAt(memory, name, nameSize).toLowerCase();
      const field = responseOf(handle).response.headers.find(([each]) => each === wanted);
      if (field === undefined) throw new CallError(httpError.headerNotFound);
      answer(field[1], buffer, size, written);
    }),

    /** Writes all fields, each as a line `name:value`, and how long that is, a u32. */
    headers_get_all: early((handle, buffer, size, written) => {
      const { headers } = responseOf(handle).response;
      answer(headers.map(([name, value]) => `${name}:${value}\n`).join(''), buffer, size, written);
    }),

    /** Writes the next bytes of the body, and how many, a u32: 0 at the end. */
    body_read: early((handle, buffer, size, read) => {
      const open = responseOf(handle);
      const { body } = open.response;
      const part = body.subarray(open.position, open.position + (size >>> 0));
      write(memory, buffer, part);
      write(memory, read, word(part.length));
      open.position += part.length;
    }),
  };
}

/** The types do not know yet that an import may be one. */
function suspending(call: (...parameters: never[]) => unknown): WebAssembly.ImportValue {
  return new WebAssembly.Suspending(call) as unknown as WebAssembly.ImportValue;
}

type RequestParameters = readonly [
  url: number,
  urlSize: number,
  method: number,
  methodSize: number,
  headers: number,
  headersSize: number,
  body: number,
  bodySize: number,
  status: number,
  handle: number,
];

type Call<Parameters extends readonly number[]> = (...parameters: Parameters) => unknown;

function early<P extends readonly number[]>(call: Call<P>): (...parameters: P) => number {
  return (...parameters) => {
    try {
      call(...parameters);
      return httpError.success;
    } catch (error) {
      return statusOf(error);
    }
  };
}

function late<P extends readonly number[]>(call: Call<P>): (...parameters: P) => Promise<number> {
  return async (...parameters) => {
    try {
      await call(...parameters);
      return httpError.success;
    } catch (error) {
      return statusOf(error);
    }
  };
}

function statusOf(error: unknown): number {
  if (error instanceof CallError) return error.status;
  return error instanceof RequestRefused ? httpError.destinationNotAllowed : httpError.requestError;
}

function bytesAt(memory: GuestMemory, pointer: number, size: number): Uint8Array {
  const [start, length] = [pointer >>> 0, size >>> 0];
  if (!memory.covers(start, length)) throw new CallError(httpError.bufferTooSmall);
  return memory.bytes.subarray(start, start + length);
}

function textAt(memory: GuestMemory, pointer: number, size: number): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytesAt(memory, pointer, size));
  } catch (error) {
    throw error instanceof TypeError ? new CallError(httpError.utf8Error) : error;
  }
}

function write(memory: GuestMemory, pointer: number, bytes: Uint8Array): void {
  if (!memory.covers(pointer >>> 0, bytes.length)) {
    throw new CallError(httpError.memoryAccessError);
  }
  memory.bytes.set(bytes, pointer >>> 0);
}

/** A number as 32 bits, little-endian. */
function word(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.username === '') return url;
  throw new CallError(httpError.invalidUrl);
}

function methodOf(text: string): string {
  if (isFieldName(text)) return text;
  throw new CallError(httpError.invalidMethod);
}

/** Lines `name:value`. */
function fieldsOf(text: string): readonly string[] {
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  return lines.flatMap((line) => {
    const [name = '', value = ''] = [line.split(':', 1)[0], line.slice(line.indexOf(':') + 1)];
    if (line.includes(':') && isFieldName(name) && isFieldValue(value)) return [name, value.trim()];
    throw new CallError(httpError.invalidEncoding);
  });
}

/** The policy allowed the URL's host: a server that has several must not be asked for another. */
function fieldsFor({ host }: URL, fields: readonly string[]): readonly string[] {
  const isOther = fields.some(
    (name, index) =>
      index % 2 === 0 && name.toLowerCase() === 'host' && fields[index + 1]?.toLowerCase() !== host,
  );
  if (isOther) throw new CallError(httpError.destinationNotAllowed);
  return fields;
}
