// Is a concurrent history one that a sequential object could have shown? The search of Wing & Gong (Testing and Verifying
// Concurrent Objects, JPDC 1993) with Lowe's memory of what was tried (Testing for Linearizability, CPE 2017).

/** An operation as a client saw it. Times are of one clock; `end` is Infinity for one that was never answered. */
export interface Operation<I, O> {
  readonly input: I;
  /** Undefined where there was no answer: the operation may have had its effect at any later time, or never. */
  readonly output: O | undefined;
  readonly begin: number;
  readonly end: number;
}

/** The object, one operation at a time. States are plain data: two that print alike are alike. */
export interface Model<S, I, O> {
  readonly initial: S;
  /**
   * The states in which the object may be after `input` was answered with `output` in `state`; none if it could not
   * have answered so. `output` is undefined for an operation that nobody saw the answer of.
   */
  step(state: S, input: I, output: O | undefined): readonly S[];
}

export interface Verdict<I, O> {
  readonly linearizable: boolean;
  /** The operations in an order that explains all answers; without one, the longest that explains some. */
  readonly order: readonly Operation<I, O>[];
  /** How many configurations were looked at. */
  readonly looked: number;
}

/** The search grows with what is open at once; a history that needs more than this is too concurrent to judge. */
const MOST_LOOKED = 300_000;

/**
 * Searches for an order of `history` that `model` could have answered so, and that keeps what was before what.
 * @throws {RangeError} when it can't be decided within {@link MOST_LOOKED} configurations.
 */
export function linearize<S, I, O>(
  history: readonly Operation<I, O>[],
  model: Model<S, I, O>,
): Verdict<I, O> {
  const operations = history.toSorted((a, b) => a.begin - b.begin);
  const seen = new Set<string>();
  let longest: readonly Operation<I, O>[] = [];

  function search(done: ReadonlySet<number>, state: S, order: readonly Operation<I, O>[]): boolean {
    if (order.length > longest.length) longest = order;
    const open = operations.flatMap((operation, index) => (done.has(index) ? [] : [{ operation, index }]));
    if (open.every(({ operation }) => operation.end === Number.POSITIVE_INFINITY)) {
      longest = order;
      return true;
    }
    const configuration = `${open.map(({ index }) => index)} ${JSON.stringify(state)}`;
    if (seen.has(configuration)) return false;
    seen.add(configuration);
    if (seen.size > MOST_LOOKED) throw new RangeError("The history is too concurrent to be judged");
    // Whatever comes first began before anything that is open had ended.
    const firstEnd = Math.min(...open.map(({ operation }) => operation.end));
    return open
      .filter(({ operation }) => operation.begin <= firstEnd)
      .some(({ operation, index }) =>
        model
          .step(state, operation.input, operation.output)
          .some((next) => search(new Set([...done, index]), next, [...order, operation])),
      );
  }

  const linearizable = search(new Set(), model.initial, []);
  return { linearizable, order: longest, looked: seen.size };
}
