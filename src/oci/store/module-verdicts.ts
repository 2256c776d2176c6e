import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import type { AbortOptions } from '../abort-options.ts';
import type { Digest } from '../content/digest.ts';
import { describeError, OciError } from '../errors.ts';
import { SharedFlight } from './shared-flight.ts';
import type { StoreLayout } from './store-layout.ts';
import { replaceFile } from './write-file.ts';

/** Decides whether a file is a module that this machine can run. */
export interface ModuleValidator {
  /** Changes when the same file might be judged otherwise, such as with another engine. */
  readonly version: string;
  /** @throws An error that says why not. */
  validate(file: string, options: AbortOptions): Promise<void>;
}

const schema = v.object({ version: v.string(), error: v.nullable(v.string()) });

/**
 * Validates each module once: the verdict is kept beside the blob. Validation compiles the whole
 * module, which takes seconds for a big one.
 */
export class ModuleVerdicts {
  readonly #layout: StoreLayout;
  readonly #validator: ModuleValidator | undefined;
  /** What is valid stays so: a digest is one content. */
  readonly #valid = new Set<Digest>();
  readonly #running = new SharedFlight<string | null>();

  constructor({ layout, validator }: { layout: StoreLayout; validator?: ModuleValidator }) {
    this.#layout = layout;
    this.#validator = validator;
  }

  /**
   * Fails unless the module is valid. Without a validator every module is.
   *
   * @throws OciError `InvalidModule`
   */
  async demand(module: Digest, what: string, options: AbortOptions = {}): Promise<void> {
    const validator = this.#validator;
    if (validator === undefined) return;
    if (this.#valid.has(module)) return;
    const error =
      (await this.#known(module, validator.version)) ??
      (await this.#running.join(
        module,
        (shared) => this.#judge(module, validator, shared),
        options,
      ));
    if (error === null || error === '') {
      this.#valid.add(module);
      return;
    }
    throw new OciError('InvalidModule', `validate ${what}: ${error}`);
  }

  /** What was said before: the error, '' for a valid module, `undefined` where nothing was said. */
  async #known(module: Digest, version: string): Promise<string | undefined> {
    const text = await readFile(this.#layout.verdict(module), 'utf8').catch(() => '');
    const verdict = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text);
    if (!verdict.success || verdict.output.version !== version) return undefined;
    return verdict.output.error ?? '';
  }

  async #judge(
    module: Digest,
    validator: ModuleValidator,
    options: AbortOptions,
  ): Promise<string | null> {
    const error = await validator.validate(this.#layout.blob(module), options).then(
      () => null,
      (reason: unknown) => describeError(reason),
    );
    options.signal?.throwIfAborted();
    const content = JSON.stringify({ version: validator.version, error });
    const temporary = this.#layout.temporaryFile();
    await replaceFile(this.#layout.verdict(module), content, { temporary, mode: 0o600 });
    return error;
  }
}
