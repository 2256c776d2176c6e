import { borrow, own } from '../../abi/handles.ts';
import { type HostFunction, hostFunction } from '../../abi/host-function.ts';
import { string } from '../../abi/lists.ts';
import { tuple } from '../../abi/records.ts';
import { done, error, option } from '../../abi/variants.ts';
import { isFieldName } from '../../http/field-rules.ts';
import { method, methodName, methodOf } from '../../http/method.ts';
import { schemePattern } from '../../http/request-functions.ts';
import { type Scheme, scheme } from '../../http/scheme.ts';
import { contents, end, ownFields, plain, trailers } from './message-types.ts';
import { Request, RequestOptions } from './messages.ts';

const self = borrow(() => Request);
const fail = error(undefined);

/** RFC 3986, 3.2: user information, a host, a port; what can be sent of it, the client decides. */
const authorityPattern =
  /^(?:[\w\-.~!$&'()*+,;=%:]*@)?(?:\[[\da-f:.]+\]|[\w\-.~!$&'()*+,;=%]+)(?::\d*)?$/i;
/** A path and query without spaces, control characters and what could end it early. */
const pathPattern = /^[^\0-\x20<>`\x7f]*$/;

/** Functions of `request`. */
export const requestFunctions: Record<string, HostFunction> = {
  '[static]request.new': hostFunction(
    [ownFields, option(contents), trailers, option(own(() => RequestOptions))],
    tuple(
      own(() => Request),
      end,
    ),
    (_guest, headers, body, trailing, options) => {
      const origin = { kind: 'guest', contents: body, trailers: trailing } as const;
      const request = new Request(headers, origin, options);
      return [request, request.transmission.future] as const;
    },
  ),
  '[method]request.get-method': hostFunction([self], method, (_guest, it) => it.method),
  '[method]request.set-method': hostFunction([self, method], plain, (_guest, it, value) => {
    const name = methodName(value);
    if (!isFieldName(name)) return fail;
    it.method = methodOf(name);
    return done;
  }),
  '[method]request.get-path-with-query': hostFunction(
    [self],
    option(string),
    (_guest, it) => it.path,
  ),
  '[method]request.set-path-with-query': hostFunction(
    [self, option(string)],
    plain,
    (_guest, it, value) => {
      if (value !== undefined && !pathPattern.test(value)) return fail;
      it.path = value === '' ? '/' : value;
      return done;
    },
  ),
  '[method]request.get-scheme': hostFunction([self], option(scheme), (_guest, it) => it.scheme),
  '[method]request.set-scheme': hostFunction([self, option(scheme)], plain, (_guest, it, value) => {
    if (value?.kind === 'other' && !schemePattern.test(value.value)) return fail;
    it.scheme = value && knownScheme(value);
    return done;
  }),
  '[method]request.get-authority': hostFunction(
    [self],
    option(string),
    (_guest, it) => it.authority,
  ),
  '[method]request.set-authority': hostFunction(
    [self, option(string)],
    plain,
    (_guest, it, value) => {
      if (value !== undefined && !authorityPattern.test(value)) return fail;
      it.authority = value;
      return done;
    },
  ),
  '[method]request.get-options': hostFunction(
    [self],
    option(own(() => RequestOptions)),
    (_guest, it) => it.options?.copy(false),
  ),
  '[method]request.get-headers': hostFunction([self], ownFields, (_guest, it) => it.headers()),
  '[static]request.consume-body': hostFunction(
    [own(() => Request), end],
    tuple(contents, trailers),
    (guest, request, handled) => {
      const body = request.consume(guest);
      handled.dropReader();
      request.transmission.succeed();
      return [body.contents, body.trailers] as const;
    },
  ),
};

/** A scheme that has a case of its own, whatever it was called. */
function knownScheme(value: Scheme): Scheme {
  if (value.kind !== 'other') return value;
  const name = value.value.toUpperCase();
  return name === 'HTTP' || name === 'HTTPS' ? { kind: name } : value;
}
