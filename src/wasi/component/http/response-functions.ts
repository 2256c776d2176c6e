import { borrow, own } from '../abi/handles.ts';
import { type HostFunction, hostFunction } from '../abi/host-function.ts';
import { u16 } from '../abi/numbers.ts';
import { done, error, result, unit } from '../abi/variants.ts';
import { errorCode } from './error-code.ts';
import { Fields } from './fields.ts';
import { IncomingBody } from './incoming-body.ts';
import { IncomingResponse, OutgoingResponse, ResponseOutparam } from './messages.ts';
import { once } from './once.ts';
import { OutgoingBody } from './outgoing-body.ts';

const ownFields = own(() => Fields);
const plain = result(unit, unit);
const fail = error(undefined);

const incomingResponse = borrow(() => IncomingResponse);

/** Functions of `incoming-response`. */
export const incomingResponseFunctions: Record<string, HostFunction> = {
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

/** Functions of `outgoing-response` and `response-outparam`. */
export const outgoingResponseFunctions: Record<string, HostFunction> = {
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
