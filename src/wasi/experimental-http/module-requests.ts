/** A request of a module's. */
export interface ModuleRequest {
  readonly url: URL;
  readonly method: string;
  /** Names and values by turns. */
  readonly headers: readonly string[];
  readonly body: Uint8Array;
}

export interface ModuleResponse {
  readonly status: number;
  /** Names in lower case, and values. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/** Sends the requests of modules that know `wasi_experimental_http`. */
export interface ModuleRequests {
  /** How many responses a module may hold open. */
  readonly maximumSessions: number;

  /**
   * Sends a request and resolves with the whole response.
   *
   * @throws {RequestRefused} where the policy does not allow it; other errors where it failed
   */
  send(request: ModuleRequest): Promise<ModuleResponse>;
}

/** A request to where the module may not send any. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
  readonly code = 'RequestRefused';
}
