import { borrow, own } from '../abi/handles.ts';
import { type HostFunction, hostFunction } from '../abi/host-function.ts';
import { string } from '../abi/lists.ts';
import { u64 } from '../abi/numbers.ts';
import { done, error, option, result, unit } from '../abi/variants.ts';
import { isFieldName } from './field-rules.ts';
import { Fields } from './fields.ts';
import { IncomingBody } from './incoming-body.ts';
import { IncomingRequest, OutgoingRequest, RequestOptions } from './messages.ts';
import { method, methodName } from './method.ts';
import { once } from './once.ts';
import { OutgoingBody } from './outgoing-body.ts';
import { scheme } from './scheme.ts';

const ownFields = own(() => Fields);
const plain = result(unit, unit);
const fail = error(undefined);

const incomingRequest = borrow(() => IncomingRequest);

/** Functions of `incoming-request`. */
export const incomingRequestFunctions: Record<string, HostFunction> = {
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
/** RFC 3986, 3.1. */
export const schemePattern = /^[A-Za-z][A-Za-z0-9+.-]*$/;

/** Functions of `outgoing-request`. */
export const outgoingRequestFunctions: Record<string, HostFunction> = {
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

/** Functions of `request-options`. */
export const requestOptionsFunctions: Record<string, HostFunction> = {
  '[constructor]request-options': hostFunction(
    [],
    own(() => RequestOptions),
    () => new RequestOptions(),
  ),
  ...timeoutFunctions('connect-timeout', 'connectTimeout'),
  ...timeoutFunctions('first-byte-timeout', 'firstByteTimeout'),
  ...timeoutFunctions('between-bytes-timeout', 'betweenBytesTimeout'),
};
