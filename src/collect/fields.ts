/** Lines of `NAME=value` and of `Name: value` files, first mention wins. */
export function fieldsOf(text: string, separator: '=' | ':'): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const each of text.split('\n')) {
    const cut = each.indexOf(separator);
    if (cut <= 0) continue;
    const name = each.slice(0, cut).trim();
    if (!fields.has(name)) fields.set(name, each.slice(cut + 1).trim());
  }
  return fields;
}
