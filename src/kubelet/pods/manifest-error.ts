/** One thing that is wrong with an object, at the path of its field. */
export interface ManifestProblem {
  /** Such as `spec.containers[0].image`; empty for the object as a whole. */
  readonly path: string;
  readonly message: string;
}

/** An object or manifest that cannot be used; the message has one line for each problem. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
  readonly problems: readonly ManifestProblem[];

  constructor(subject: string, problems: readonly ManifestProblem[], options?: ErrorOptions) {
    super(problems.map((problem) => describeProblem(subject, problem)).join('\n'), options);
    this.problems = problems;
  }
}

function describeProblem(subject: string, { path, message }: ManifestProblem): string {
  return [subject, path, message].filter((part) => part !== '').join(': ');
}
