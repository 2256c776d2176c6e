import { string } from '../abi/lists.ts';
import { u8, u16, u32, u64 } from '../abi/numbers.ts';
import { record } from '../abi/records.ts';
import { option, type VariantOf, variant } from '../abi/variants.ts';

const fieldSize = record({ fieldName: option(string), fieldSize: option(u32) });

/** Cases in the order of https://github.com/WebAssembly/wasi-http/blob/main/wit/types.wit */
const cases = {
  'DNS-timeout': undefined,
  'DNS-error': record({ rcode: option(string), infoCode: option(u16) }),
  'destination-not-found': undefined,
  'destination-unavailable': undefined,
  'destination-IP-prohibited': undefined,
  'destination-IP-unroutable': undefined,
  'connection-refused': undefined,
  'connection-terminated': undefined,
  'connection-timeout': undefined,
  'connection-read-timeout': undefined,
  'connection-write-timeout': undefined,
  'connection-limit-reached': undefined,
  'TLS-protocol-error': undefined,
  'TLS-certificate-error': undefined,
  'TLS-alert-received': record({ alertId: option(u8), alertMessage: option(string) }),
  'HTTP-request-denied': undefined,
  'HTTP-request-length-required': undefined,
  'HTTP-request-body-size': option(u64),
  'HTTP-request-method-invalid': undefined,
  'HTTP-request-URI-invalid': undefined,
  'HTTP-request-URI-too-long': undefined,
  'HTTP-request-header-section-size': option(u32),
  'HTTP-request-header-size': option(fieldSize),
  'HTTP-request-trailer-section-size': option(u32),
  'HTTP-request-trailer-size': fieldSize,
  'HTTP-response-incomplete': undefined,
  'HTTP-response-header-section-size': option(u32),
  'HTTP-response-header-size': fieldSize,
  'HTTP-response-body-size': option(u64),
  'HTTP-response-trailer-section-size': option(u32),
  'HTTP-response-trailer-size': fieldSize,
  'HTTP-response-transfer-coding': option(string),
  'HTTP-response-content-coding': option(string),
  'HTTP-response-timeout': undefined,
  'HTTP-upgrade-failed': undefined,
  'HTTP-protocol-error': undefined,
  'loop-detected': undefined,
  'configuration-error': undefined,
  'internal-error': option(string),
};

/** `wasi:http/types.error-code`. */
export const errorCode = variant(cases);

export type ErrorCode = VariantOf<typeof cases>;

/** A failure that has an error code of wasi:http; the cause of a body stream's error. */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, options?: ErrorOptions) {
    super(`HTTP failed: ${code.kind}`, options);
    this.code = code;
  }
}
