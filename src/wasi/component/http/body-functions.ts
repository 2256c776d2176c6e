import type { Codec } from '../abi/codec.ts';
import { borrow, own } from '../abi/handles.ts';
import { type HostFunction, hostFunction } from '../abi/host-function.ts';
import { option, result, unit } from '../abi/variants.ts';
import { InputStream } from '../io/input-stream.ts';
import { IoError } from '../io/io-error.ts';
import { OutputStream } from '../io/output-stream.ts';
import { Pollable } from '../io/pollable.ts';
import { errorCode, HttpFailure } from './error-code.ts';
import { Fields } from './fields.ts';
import { FutureIncomingResponse, FutureTrailers } from './futures.ts';
import { IncomingBody } from './incoming-body.ts';
import { IncomingResponse } from './messages.ts';
import { once } from './once.ts';
import { OutgoingBody } from './outgoing-body.ts';

const ownFields = own(() => Fields);

/** Functions of `incoming-body` and `outgoing-body`. */
export const bodyFunctions: Record<string, HostFunction> = {
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

/** Functions of what is not there yet, and `http-error-code`. */
export const futureFunctions: Record<string, HostFunction> = {
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
