import type { Codec } from '../abi/codec.ts';
import { borrow, own } from '../abi/handles.ts';
import { type HostFunction, type HostInterface, hostFunction } from '../abi/host-function.ts';
import { bytes, list, string } from '../abi/lists.ts';
import { bool, u16, u64 } from '../abi/numbers.ts';
import { tuple } from '../abi/records.ts';
import { done, error, ok, option, type Result, result, unit } from '../abi/variants.ts';
import { InputStream } from '../io/input-stream.ts';
import { IoError } from '../io/io-error.ts';
import { OutputStream } from '../io/output-stream.ts';
import { Pollable } from '../io/pollable.ts';
import { errorCode, HttpFailure } from './error-code.ts';
import { isFieldName } from './field-rules.ts';
import { type Field, Fields, headerError } from './fields.ts';
import { FutureIncomingResponse, FutureTrailers } from './futures.ts';
import { IncomingBody } from './incoming-body.ts';
import {
  IncomingRequest,
  IncomingResponse,
  OutgoingRequest,
  OutgoingResponse,
  RequestOptions,
  ResponseOutparam,
} from './messages.ts';
import { method, methodName } from './method.ts';
import { OutgoingBody } from './outgoing-body.ts';
import { scheme } from './scheme.ts';

const fields = borrow(() => Fields);
const ownFields = own(() => Fields);
const fieldEntries = list(tuple(string, bytes));
const plain = result(unit, unit);
const fieldResult = result(unit, headerError);

const fail = error(undefined);

function latin1(value: Uint8Array): string {
  return Buffer.from(value.buffer, value.byteOffset, value.length).toString('latin1');
}

function encode(value: string): Uint8Array {
  return Buffer.from(value, 'latin1');
}

/** A success with what a message gives out once, or a failure the second time. */
function once<T>(value: T | undefined): Result<T, undefined> {
  return value === undefined ? fail : ok(value);
}

function fromEntries(
  entries: readonly (readonly [string, Uint8Array])[],
): Result<Fields, 'invalid-syntax' | 'forbidden' | 'immutable'> {
  const made = new Fields();
  for (const [name, value] of entries) {
    const added = made.append(name, latin1(value));
    if (added.kind === 'error') return added;
  }
  return ok(made);
}

const fieldsFunctions: Record<string, HostFunction> = {
  '[constructor]fields': hostFunction([], ownFields, () => new Fields()),
  '[static]fields.from-list': hostFunction(
    [fieldEntries],
    result(ownFields, headerError),
    (_guest, entries) => fromEntries(entries),
  ),
  '[method]fields.get': hostFunction([fields, string], list(bytes), (_guest, self, name) =>
    self.get(name).map(encode),
  ),
  '[method]fields.has': hostFunction(
    [fields, string],
    bool,
    (_guest, self, name) => self.get(name).length > 0,
  ),
  '[method]fields.set': hostFunction(
    [fields, string, list(bytes)],
    fieldResult,
    (_guest, self, name, values) => self.set(name, values.map(latin1)),
  ),
  '[method]fields.delete': hostFunction([fields, string], fieldResult, (_guest, self, name) =>
    self.delete(name),
  ),
  '[method]fields.append': hostFunction(
    [fields, string, bytes],
    fieldResult,
    (_guest, self, name, value) => self.append(name, latin1(value)),
  ),
  '[method]fields.entries': hostFunction([fields], fieldEntries, (_guest, self) =>
    self.entries.map((entry: Field) => [entry.name, encode(entry.value)] as const),
  ),
  '[method]fields.clone': hostFunction(
    [fields],
    ownFields,
    (_guest, self) => new Fields(self.entries),
  ),
};

const incomingRequest = borrow(() => IncomingRequest);

const incomingRequestFunctions: Record<string, HostFunction> = {
  '[method]incoming-request.method': hostFunction(
    [incomingRequest],
    method,
    (_guest, self) => self.method,
  ),
  '[method]incoming-request.path-with-query': hostFunction(
    [incomingRequest],
    option(string),
    (_guest, self) => self.head.path,
  ),
  '[method]incoming-request.scheme': hostFunction(
    [incomingRequest],
    option(scheme),
    (_guest, self) => self.head.scheme,
  ),
  '[method]incoming-request.authority': hostFunction(
    [incomingRequest],
    option(string),
    (_guest, self) => self.head.authority,
  ),
  '[method]incoming-request.headers': hostFunction([incomingRequest], ownFields, (_guest, self) =>
    self.headers(),
  ),
  '[method]incoming-request.consume': hostFunction(
    [incomingRequest],
    result(
      own(() => IncomingBody),
      unit,
    ),
    (_guest, self) => once(self.consume()),
  ),
};

const outgoingRequest = borrow(() => OutgoingRequest);

/** An authority without user information, and without what could end it early. */
const authorityPattern = /^[A-Za-z0-9.\-_~!$&'()*+,;=%:[\]]+$/;
/** A path and query without spaces and control characters. */
const pathPattern = /^[/?*][\x21-\x7e]*$/;
const schemePattern = /^[A-Za-z][A-Za-z0-9+.-]*$/;

const outgoingRequestFunctions: Record<string, HostFunction> = {
  '[constructor]outgoing-request': hostFunction(
    [ownFields],
    own(() => OutgoingRequest),
    (_guest, headers) => new OutgoingRequest(headers),
  ),
  '[method]outgoing-request.body': hostFunction(
    [outgoingRequest],
    result(
      own(() => OutgoingBody),
      unit,
    ),
    (_guest, self) => once(self.takeBody()),
  ),
  '[method]outgoing-request.method': hostFunction(
    [outgoingRequest],
    method,
    (_guest, self) => self.method,
  ),
  '[method]outgoing-request.set-method': hostFunction(
    [outgoingRequest, method],
    plain,
    (_guest, self, value) => {
      if (!isFieldName(methodName(value))) return fail;
      self.method = value;
      return done;
    },
  ),
  '[method]outgoing-request.path-with-query': hostFunction(
    [outgoingRequest],
    option(string),
    (_guest, self) => self.path,
  ),
  '[method]outgoing-request.set-path-with-query': hostFunction(
    [outgoingRequest, option(string)],
    plain,
    (_guest, self, value) => {
      if (value !== undefined && value !== '' && !pathPattern.test(value)) return fail;
      self.path = value;
      return done;
    },
  ),
  '[method]outgoing-request.scheme': hostFunction(
    [outgoingRequest],
    option(scheme),
    (_guest, self) => self.scheme,
  ),
  '[method]outgoing-request.set-scheme': hostFunction(
    [outgoingRequest, option(scheme)],
    plain,
    (_guest, self, value) => {
      if (value?.kind === 'other' && !schemePattern.test(value.value)) return fail;
      self.scheme = value;
      return done;
    },
  ),
  '[method]outgoing-request.authority': hostFunction(
    [outgoingRequest],
    option(string),
    (_guest, self) => self.authority,
  ),
  '[method]outgoing-request.set-authority': hostFunction(
    [outgoingRequest, option(string)],
    plain,
    (_guest, self, value) => {
      if (value !== undefined && !authorityPattern.test(value)) return fail;
      self.authority = value;
      return done;
    },
  ),
  '[method]outgoing-request.headers': hostFunction([outgoingRequest], ownFields, (_guest, self) =>
    self.headers(),
  ),
};

type Timeout = 'connectTimeout' | 'firstByteTimeout' | 'betweenBytesTimeout';

const requestOptions = borrow(() => RequestOptions);

function timeoutFunctions(name: string, key: Timeout): Record<string, HostFunction> {
  return {
    [`[method]request-options.${name}`]: hostFunction(
      [requestOptions],
      option(u64),
      (_guest, self) => self[key],
    ),
    [`[method]request-options.set-${name}`]: hostFunction(
      [requestOptions, option(u64)],
      plain,
      (_guest, self, value) => {
        self[key] = value;
        return done;
      },
    ),
  };
}

const requestOptionsFunctions: Record<string, HostFunction> = {
  '[constructor]request-options': hostFunction(
    [],
    own(() => RequestOptions),
    () => new RequestOptions(),
  ),
  ...timeoutFunctions('connect-timeout', 'connectTimeout'),
  ...timeoutFunctions('first-byte-timeout', 'firstByteTimeout'),
  ...timeoutFunctions('between-bytes-timeout', 'betweenBytesTimeout'),
};

const incomingResponse = borrow(() => IncomingResponse);

const incomingResponseFunctions: Record<string, HostFunction> = {
  '[method]incoming-response.status': hostFunction(
    [incomingResponse],
    u16,
    (_guest, self) => self.status,
  ),
  '[method]incoming-response.headers': hostFunction([incomingResponse], ownFields, (_guest, self) =>
    self.headers(),
  ),
  '[method]incoming-response.consume': hostFunction(
    [incomingResponse],
    result(
      own(() => IncomingBody),
      unit,
    ),
    (_guest, self) => once(self.consume()),
  ),
};

const outgoingResponse = borrow(() => OutgoingResponse);

const responseFunctions: Record<string, HostFunction> = {
  '[static]response-outparam.set': hostFunction(
    [
      own(() => ResponseOutparam),
      result(
        own(() => OutgoingResponse),
        errorCode,
      ),
    ],
    unit,
    (_guest, self, response) => {
      self.set(response);
      return undefined;
    },
  ),
  '[constructor]outgoing-response': hostFunction(
    [ownFields],
    own(() => OutgoingResponse),
    (_guest, headers) => new OutgoingResponse(headers),
  ),
  '[method]outgoing-response.status-code': hostFunction(
    [outgoingResponse],
    u16,
    (_guest, self) => self.status,
  ),
  '[method]outgoing-response.set-status-code': hostFunction(
    [outgoingResponse, u16],
    plain,
    (_guest, self, status) => {
      if (status < 200 || status > 599) return fail;
      self.status = status;
      return done;
    },
  ),
  '[method]outgoing-response.headers': hostFunction([outgoingResponse], ownFields, (_guest, self) =>
    self.headers(),
  ),
  '[method]outgoing-response.body': hostFunction(
    [outgoingResponse],
    result(
      own(() => OutgoingBody),
      unit,
    ),
    (_guest, self) => once(self.takeBody()),
  ),
};

const bodyFunctions: Record<string, HostFunction> = {
  '[method]incoming-body.stream': hostFunction(
    [borrow(() => IncomingBody)],
    result(
      own(() => InputStream),
      unit,
    ),
    (_guest, self) => once<InputStream>(self.stream()),
  ),
  '[static]incoming-body.finish': hostFunction(
    [own(() => IncomingBody)],
    own(() => FutureTrailers),
    (_guest, body) => new FutureTrailers(body),
  ),
  '[method]outgoing-body.write': hostFunction(
    [borrow(() => OutgoingBody)],
    result(
      own(() => OutputStream),
      unit,
    ),
    (_guest, self) => once<OutputStream>(self.stream()),
  ),
  '[static]outgoing-body.finish': hostFunction(
    [own(() => OutgoingBody), option(ownFields)],
    result(unit, errorCode),
    (_guest, body, trailers) => body.finish(trailers?.entries ?? []),
  ),
};

const pollable = own(() => Pollable);

/** `option<result<result<T, error-code>>>`, what both futures give. */
function futureResult<T>(value: Codec<T>) {
  return option(result(result(value, errorCode), unit));
}

const futureFunctions: Record<string, HostFunction> = {
  '[method]future-trailers.subscribe': hostFunction(
    [borrow(() => FutureTrailers)],
    pollable,
    (_guest, self) => new Pollable(self.readiness, self),
  ),
  '[method]future-trailers.get': hostFunction(
    [borrow(() => FutureTrailers)],
    futureResult(option(ownFields)),
    (_guest, self) => self.get(),
  ),
  '[method]future-incoming-response.subscribe': hostFunction(
    [borrow(() => FutureIncomingResponse)],
    pollable,
    (_guest, self) => new Pollable(self.readiness, self),
  ),
  '[method]future-incoming-response.get': hostFunction(
    [borrow(() => FutureIncomingResponse)],
    futureResult(own(() => IncomingResponse)),
    (_guest, self) => self.get(),
  ),
  'http-error-code': hostFunction([borrow(() => IoError)], option(errorCode), (_guest, failure) =>
    failure.cause instanceof HttpFailure ? failure.cause.code : undefined,
  ),
};

/** https://github.com/WebAssembly/wasi-http/blob/main/wit/types.wit */
export const types: HostInterface = {
  name: 'wasi:http/types',
  resources: {
    fields: Fields,
    headers: Fields,
    trailers: Fields,
    'incoming-request': IncomingRequest,
    'outgoing-request': OutgoingRequest,
    'request-options': RequestOptions,
    'response-outparam': ResponseOutparam,
    'incoming-response': IncomingResponse,
    'incoming-body': IncomingBody,
    'future-trailers': FutureTrailers,
    'outgoing-response': OutgoingResponse,
    'outgoing-body': OutgoingBody,
    'future-incoming-response': FutureIncomingResponse,
  },
  functions: {
    ...fieldsFunctions,
    ...incomingRequestFunctions,
    ...outgoingRequestFunctions,
    ...requestOptionsFunctions,
    ...incomingResponseFunctions,
    ...responseFunctions,
    ...bodyFunctions,
    ...futureFunctions,
  },
};
