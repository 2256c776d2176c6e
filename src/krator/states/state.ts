/**
 * One state of an object's life. A state is a class with a literal `name`, and the type that
 * `next` returns lists the states that may follow, so that an edge which the graph does not have
 * does not compile:
 *
 * ```ts
 * class Pulling implements State<PodContext> {
 *   readonly name = 'Pulling';
 *   async next(context: PodContext, { signal }: StateOptions): Promise<Starting | PullBackOff> {
 *     …
 *   }
 * }
 * ```
 *
 * A state whose `next` resolves to `undefined` is a last one. What a state needs to know from the
 * one before it, it takes in its constructor.
 */
export interface State<Context> {
  readonly name: string;
  /**
   * Does what the state is there for and says which state follows. Ends soon, however it likes,
   * when the signal aborts: the object is to be terminated, or the machine stops.
   */
  next(context: Context, options: StateOptions): Promise<State<Context> | undefined>;
}

/** What a state is told beside its context. */
export interface StateOptions {
  readonly signal: AbortSignal;
}
