import * as v from 'valibot';

/** What the process that prepares a program says of it. */
export const preparationAnswerSchema = v.variant('kind', [
  v.object({
    kind: v.literal('prepared'),
    about: v.record(v.string(), v.string()),
    /** Whether there was nothing to make: the program starts from its own file. */
    original: v.boolean(),
  }),
  v.object({ kind: v.literal('refused'), reason: v.string() }),
]);
export type PreparationAnswer = v.InferOutput<typeof preparationAnswerSchema>;

export interface Preparation {
  readonly answer: PreparationAnswer;
  /** What the program starts from, where it was made. */
  readonly content?: Uint8Array;
}
