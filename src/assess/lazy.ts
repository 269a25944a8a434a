/** Computed at the first call, and never again. */
export function lazy<T>(compute: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: compute() };
    return made.value;
  };
}

/** One result a key, computed when it is first asked for. */
export function memoized<K extends string | number, V>(compute: (key: K) => V): (key: K) => V {
  const results = new Map<K, { readonly value: V }>();
  return (key) => {
    const made = results.get(key) ?? { value: compute(key) };
    results.set(key, made);
    return made.value;
  };
}
