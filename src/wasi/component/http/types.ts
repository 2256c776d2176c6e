import type { HostInterface } from '../abi/host-function.ts';
import { bodyFunctions, futureFunctions } from './body-functions.ts';
import { Fields, headerError } from './fields.ts';
import { fieldsFunctions } from './fields-functions.ts';
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
import { OutgoingBody } from './outgoing-body.ts';
import {
  incomingRequestFunctions,
  outgoingRequestFunctions,
  requestOptionsFunctions,
} from './request-functions.ts';
import { incomingResponseFunctions, outgoingResponseFunctions } from './response-functions.ts';

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
    ...fieldsFunctions({ headerError, all: 'entries' }),
    ...incomingRequestFunctions,
    ...outgoingRequestFunctions,
    ...requestOptionsFunctions,
    ...incomingResponseFunctions,
    ...outgoingResponseFunctions,
    ...bodyFunctions,
    ...futureFunctions,
  },
};
