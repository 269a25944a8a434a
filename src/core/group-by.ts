/**
 * Items by what they have in common, each group in the order of the items. Map.groupBy() came with Node 21.
 * @param keyOf null leaves the item out
 */
export function groupBy<Item, Key>(
  items: Iterable<Item>,
  keyOf: (item: Item) => Key | null,
): ReadonlyMap<Key, readonly Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === null) continue;
    const standing = groups.get(key);
    if (standing === undefined) groups.set(key, [item]);
    else standing.push(item);
  }
  return groups;
}
