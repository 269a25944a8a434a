/** Computed at the first call, and never again. */
export function lazy<T>(compute: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: compute() };
    return made.value;
  };
}

/** One result for all arguments with one key, computed for the first of them. */
export function memoizedBy<A, V>(keyOf: (argument: A) => string | number, compute: (argument: A) => V) {
  const results = new Map<string | number, { readonly value: V }>();
  return (argument: A): V => {
    const key = keyOf(argument);
    const made = results.get(key) ?? { value: compute(argument) };
    results.set(key, made);
    return made.value;
  };
}

export function memoized<K extends string | number, V>(compute: (key: K) => V): (key: K) => V {
  return memoizedBy((key) => key, compute);
}
