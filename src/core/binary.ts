/** A NUL never stands in a text document; bytes that are no UTF-8 have become U+FFFD. */
export function looksBinary(text: string): boolean {
  const start = text.slice(0, 4096);
  return start.includes('\0') || (start.match(/\ufffd/g)?.length ?? 0) > start.length / 10;
}
