// What a process has one of, made when it is first needed.

/** Gives what `make` made at the first call. When `make` throws, the next call tries again. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
